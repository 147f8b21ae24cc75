import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseXml } from "@/lib/peer/xml/parse";
import { fromXml } from "@/lib/peer/xml/read";
import { shapeOf } from "@/lib/peer/xml/shape";
import { toXml } from "@/lib/peer/xml/write";

const DECLARED = '<?xml version="1.0" encoding="utf-8"?>';
const MANAGEMENT =
  'xmlns="http://apprecovery.com/management/api/2010/05" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"';
const ID = "6f1c1e0a-2b1d-4c0e-9c57-0a4d3f3f9d11";

const Version = z
  .object({ _Major: z.number(), _Build: z.number() })
  .meta({ xmlNamespace: "http://schemas.datacontract.org/2004/07/System" });
const Agent = z.object({ ServerType: z.string(), id: z.uuid(), displayName: z.string() });
const Everything = z.object({
  version: Version,
  flag: z.boolean().meta({ xmlName: "flag_x0020_" }),
  agents: z.array(Agent).meta({ xmlItem: "agent" }),
  ids: z.array(z.uuid()),
  at: z.iso.datetime({ offset: true }),
  window: z.number().meta({ xmlType: "duration" }),
  days: z.array(z.enum(["Monday", "Friday"])).meta({ xmlType: "flags" }),
  cap: z.number().nullable(),
  note: z.string().optional(),
});
const value: z.infer<typeof Everything> = {
  version: { _Major: 6, _Build: 3 },
  flag: true,
  agents: [{ ServerType: "x", id: ID, displayName: 'Anna & "Bo" <ü>' }],
  ids: [ID],
  at: "2026-11-21T05:06:07.000Z",
  window: 93_784.5,
  days: ["Monday", "Friday"],
  cap: null,
};

const read = (schema: z.ZodType, text: string) => schema.parse(fromXml(parseXml(text), shapeOf(schema)));

describe("a value as XML", () => {
  it("stands as DataContract writes it: namespaces, members by name, capitals first, nil, duration, flags", () => {
    expect(toXml("everything", value, shapeOf(Everything))).toBe(
      `${DECLARED}<everything ${MANAGEMENT}>` +
        `<agents><agent><ServerType>x</ServerType><displayName>Anna &amp; &quot;Bo&quot; &lt;ü&gt;</displayName><id>${ID}</id></agent></agents>` +
        "<at>2026-11-21T05:06:07.000Z</at>" +
        '<cap i:nil="true"/><days>Monday Friday</days><flag_x0020_>true</flag_x0020_>' +
        `<ids xmlns:d="http://schemas.microsoft.com/2003/10/Serialization/Arrays"><d:guid>${ID}</d:guid></ids>` +
        '<version xmlns:d="http://schemas.datacontract.org/2004/07/System"><d:_Build>3</d:_Build><d:_Major>6</d:_Major></version>' +
        "<window>P1DT2H3M4.5S</window></everything>",
    );
  });

  it.each([
    ["guid", z.uuid(), ID],
    ["int", z.number(), 7],
    ["unsignedLong", z.number(), 9_007_199_254_740_991],
    ["boolean", z.boolean(), false],
  ])("that is a bare %s stands in the namespace of primitives", (root, schema, primitive) => {
    expect(toXml(root, primitive, shapeOf(schema))).toBe(
      `${DECLARED}<${root} xmlns="http://schemas.microsoft.com/2003/10/Serialization/">${primitive}</${root}>`,
    );
  });

  it("has its items in the root itself where the contract has no element around them", () => {
    const Points = z.object({
      points: z.array(z.object({ size: z.number() })).meta({ xmlItem: "point", xmlBare: true }),
    });
    const text = toXml("points", { points: [{ size: 1 }, { size: 2 }] }, shapeOf(Points));
    expect(text).toContain("<point><size>1</size></point><point><size>2</size></point></points>");
    expect(read(Points, text)).toEqual({ points: [{ size: 1 }, { size: 2 }] });
    expect(read(Points, "<points/>")).toEqual({ points: [] });
  });

  it("may be the text of the root", () => {
    const Exchange = z.object({ file: z.string().default("f"), version: z.enum(["E10"]).meta({ xmlText: true }) });
    expect(read(Exchange, "<ExchangeServerVersion> E10 </ExchangeServerVersion>")).toEqual({
      file: "f",
      version: "E10",
    });
  });

  it("comes back as it was, whatever its texts and numbers are", () => {
    const legal = fc
      .string({ unit: "grapheme" })
      .map((text) => text.replaceAll(/[\u0000-\u001f\ufffe\uffff]/g, "").trim());
    const any = fc.record({
      ...Object.fromEntries(Object.entries(value).map(([key, fixed]) => [key, fc.constant(fixed)])),
      agents: fc.array(fc.record({ ServerType: legal, id: fc.uuid(), displayName: legal }), { maxLength: 3 }),
      window: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
      cap: fc.option(fc.maxSafeNat()),
      note: legal,
    });
    fc.assert(
      fc.property(any, (given) => {
        expect(read(Everything, toXml("everything", given, shapeOf(Everything)))).toEqual(given);
      }),
    );
  });

  it("says characters that XML cannot carry as U+FFFD", () => {
    expect(toXml("string", "a\u0000b\u001b", shapeOf(z.string()))).toContain("a\ufffdb\ufffd");
  });
});

describe("XML of others", () => {
  it("may have its members in any order, under any prefix, with members nobody knows, comments and CDATA", () => {
    const text = `<x:agent xmlns:x="urn:x"><!-- <! --><x:displayName><![CDATA[<A & B>]]></x:displayName><x:new><x:id>1</x:id></x:new>
      <x:id>${ID.toUpperCase()}</x:id><x:ServerType>&#x41;&#66;&amp;</x:ServerType></x:agent>`;
    expect(read(Agent, text)).toEqual({ displayName: "<A & B>", id: ID, ServerType: "AB&" });
  });

  it.each([
    ["2026-11-21T05:06:07", "2026-11-21T05:06:07Z"],
    ["2026-11-21T05:06:07.25", "2026-11-21T05:06:07.25Z"],
    ["2026-11-21T05:06:07Z", "2026-11-21T05:06:07Z"],
    ["2026-11-21T05:06:07+02:00", "2026-11-21T05:06:07+02:00"],
  ])("means UTC when it does not say: %s", (text, instant) => {
    expect(read(z.object({ at: z.iso.datetime({ offset: true }) }), `<a><at>${text}</at></a>`)).toEqual({
      at: instant,
    });
  });

  it.each([
    ["P428DT10H30M12.3S", 428 * 86_400 + 37_812.3],
    ["PT0S", 0],
    ["-PT5M", -300],
    ["P1D", 86_400],
  ])("has durations: %s", (text, seconds) => {
    const schema = z.object({ d: z.number().meta({ xmlType: "duration" }) });
    expect(read(schema, `<a><d>${text}</d></a>`)).toEqual({ d: seconds });
  });

  it("says absent by nil or by nothing, and null only where null is meant", () => {
    const schema = z.object({ a: z.string().nullable(), b: z.string().optional(), c: z.string().default("c") });
    const nil = 'i:nil="true" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"';
    expect(read(schema, `<r><a ${nil}/><b ${nil}/><c ${nil}/></r>`)).toEqual({ a: null, c: "c" });
  });

  it.each([
    ["P", "a duration"],
    ["PT", "a duration"],
    ["P1Y", "a duration"],
    ["soon", "a duration"],
  ])("that is no duration is refused: %s", (text) => {
    expect(() => read(z.object({ d: z.number().meta({ xmlType: "duration" }) }), `<a><d>${text}</d></a>`)).toThrow();
  });

  it.each(["", "1e3", "0x10", "1 2", "NaN", "1".repeat(30)])("that is no number is refused: %j", (text) => {
    expect(() => read(z.object({ n: z.number() }), `<a><n>${text}</n></a>`)).toThrow();
  });
});

describe("hostile XML", () => {
  const laughs = `<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>`;
  it.each([
    ["entities of its own", laughs],
    ["an external entity", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ["a document type alone", "<!doctype a><a/>"],
    ["a document type behind a comment", "<!-- --><!DOCTYPE a><a/>"],
    ["a document type behind half a comment in CDATA", "<a><![CDATA[<!--]]></a><!DOCTYPE a><!-- -->"],
    ["an entity that nobody defined", "<a>&nbsp;</a>"],
    ["a bare ampersand", "<a>a & b</a>"],
    ["two roots", "<a/><b/>"],
    ["no root", "<!-- nothing -->"],
    ["an open element", "<a><b></a>"],
    ["an element twice closed", "<a></a></a>"],
    ["an attribute twice", '<a b="1" b="2"/>'],
    ["text alone", "hello"],
    ["a name that is a trap in JavaScript", "<a><__proto__>1</__proto__></a>"],
  ])("is refused with a clear error: %s", (_, text) => {
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });

  it("is refused when it nests without end, before the stack is", () => {
    const depth = 50_000;
    const text = "<a>".repeat(depth) + "</a>".repeat(depth);
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });

  it("cannot say one thing twice", () => {
    expect(() => read(Agent, `<agent><id>${ID}</id><id>${ID}</id></agent>`)).toThrow(/more than once/);
  });
});
