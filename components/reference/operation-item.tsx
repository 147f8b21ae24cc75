import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Badge, type Tone } from "@/components/ui/badge";
import { CodeLine } from "@/components/ui/copy";
import type { Operation, SchemaNode } from "./queries";
import { SchemaTable } from "./schema-table";

const METHOD_TONES: Readonly<Record<string, Tone>> = {
  GET: "petrol",
  POST: "ok",
  PUT: "copper",
  PATCH: "copper",
  DELETE: "danger",
};

interface OperationItemProps {
  method: string;
  path: string;
  base: string;
  operation: Operation;
}

/** One operation: a line, and everything about it when it is opened. */
export function OperationItem({ method, path, base, operation }: OperationItemProps) {
  return (
    <li className="border-b last:border-b-0">
      <details className="group">
        <summary className="grid cursor-pointer list-none grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-3 gap-y-0.5 px-3.5 py-2.5 hover:bg-hover @3xl:grid-cols-[auto_minmax(0,20rem)_minmax(0,1fr)] [&::-webkit-details-marker]:hidden">
          <span className="flex items-center gap-1.5 self-center">
            <ChevronRight
              className="size-3.5 text-muted transition-transform group-open:rotate-90 motion-reduce:transition-none"
              aria-hidden
            />
            <Badge tone={METHOD_TONES[method]} className="min-w-16 justify-center font-mono">
              {method}
            </Badge>
          </span>
          <span className="min-w-0">
            <span className="wrap-anywhere block font-medium text-sm">{operation.operationId}</span>
            <code className="wrap-anywhere block font-mono text-muted text-xs">{path}</code>
          </span>
          <span className="text-muted text-sm @max-3xl:col-start-2">{operation.summary}</span>
        </summary>
        <Detail method={method} path={path} base={base} operation={operation} />
      </details>
    </li>
  );
}

function Detail({ method, path, base, operation }: OperationItemProps) {
  const roots = operation["x-xml-roots"];
  const [status = "200", success] = Object.entries(operation.responses)[0] ?? [];
  const answer = success?.content;
  return (
    <div className="grid gap-4 border-t bg-canvas px-3.5 py-3.5">
      <Part title="Who may call">
        <p className="text-sm">{operation["x-access"]}</p>
      </Part>
      {operation.parameters.length > 0 && (
        <Part title="In the address">
          <SchemaTable label="Parts of the address" schema={parametersOf(operation)} />
        </Part>
      )}
      {operation.requestBody && (
        <Part title="Body" note={kindOf(operation.requestBody.content, roots?.body[0])}>
          <ContentTable content={operation.requestBody.content} label="Body" />
        </Part>
      )}
      <Part
        title="Answer"
        note={answer ? `${status}, ${kindOf(answer, roots?.answer)}` : `${status} with an empty body`}
      >
        {answer && <ContentTable content={answer} label="Answer" given />}
      </Part>
      {operation["x-aliases"].length > 0 && (
        <Part title="Also answered at">
          <ul className="wrap-anywhere font-mono text-xs">
            {operation["x-aliases"].map((alias) => (
              <li key={alias}>{alias}</li>
            ))}
          </ul>
        </Part>
      )}
      <Part title="Address">
        <CodeLine label="the address">{`${method} ${base}${path}`}</CodeLine>
      </Part>
    </div>
  );
}

function Part({ title, note, children }: { title: string; note?: string; children?: ReactNode }) {
  return (
    <section className="grid min-w-0 gap-1.5">
      <h3 className="font-semibold text-xs">
        {title}
        {note && <span className="ml-2 font-normal text-muted">{note}</span>}
      </h3>
      {children}
    </section>
  );
}

type Content = NonNullable<Operation["responses"][string]["content"]>;

function ContentTable({ content, label, given }: { content: Content; label: string; given?: boolean }) {
  const schema = content["application/json"]?.schema;
  return schema ? <SchemaTable schema={schema} label={label} given={given} /> : null;
}

function kindOf(content: Content, root: string | undefined): string {
  if (content["application/octet-stream"]) return "raw bytes";
  return root ? `JSON, or XML with the root <${root}>` : "JSON";
}

const parametersOf = ({ parameters }: Operation): SchemaNode => ({
  type: "object",
  properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
  required: parameters.filter(({ required }) => required).map(({ name }) => name),
});
