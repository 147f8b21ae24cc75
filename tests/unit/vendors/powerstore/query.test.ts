import { describe, expect, it } from "vitest";
import { parseFilters } from "@/lib/vendors/powerstore/query/filter";
import { parseOrder, parsePage } from "@/lib/vendors/powerstore/query/page";
import { parseSelect, type Selection } from "@/lib/vendors/powerstore/query/select";

type Plain = (string | Record<string, Plain>)[];
const plain = ({ all, names, nested }: Selection): Plain => [
  ...(all ? ["*"] : []),
  ...names,
  ...[...nested].map(([name, inner]) => ({ [name]: plain(inner) })),
];

describe("select", () => {
  it.each<[string | undefined, Plain]>([
    [undefined, ["id"]],
    ["", ["id"]],
    ["id,name", ["id", "name"]],
    ["id,name,id", ["id", "name"]],
    // PyPowerStore: blanks after commas.
    [
      "creation_timestamp, member_type, protection_policy(name, id), volume_groups(name,id)",
      ["creation_timestamp", "member_type", { protection_policy: ["name", "id"] }, { volume_groups: ["name", "id"] }],
    ],
    // gopowerstore: everything, and what is nested.
    ["*,replication_rules(*)", ["*", { replication_rules: ["*"] }]],
    ["*,volumes(*),volume.volume_group_membership(id,name)", ["*", { volumes: ["*"] }, { volume: ["id", "name"] }]],
    // PyPowerStore: the same twice, once bare.
    ["policies(id,name),rpo,policies", ["rpo", "policies", { policies: ["id", "name"] }]],
    ["a(x),a(y,b(z)),a(b(w))", [{ a: ["x", "y", { b: ["z", "w"] }] }]],
    ["id,volumes()", ["id", { volumes: [] }]],
  ])("reads %s", (text, expected) => {
    expect(plain(parseSelect(text))).toEqual(expected);
  });

  it.each([
    "a(b",
    "a)b",
    "a(b))",
    "a;drop",
    "(a)",
    "a(b)c",
    "a(b(c(d(e(f)))))",
    "'a'",
    `${"a(".repeat(5000)}${")".repeat(5000)}`,
    Array.from({ length: 3000 }, (_, i) => `p${i}`).join(","),
  ])("refuses what is none: %#", (text) => {
    expect(() => parseSelect(text)).toThrowError(expect.objectContaining({ code: "invalid_input" }));
  });
});

describe("a filter", () => {
  const leaf = (property: string, operator: string, ...values: string[]) => ({ property, operator, values });
  it.each<[string, string, unknown]>([
    ["name", "eq.RS1", leaf("name", "eq", "RS1")],
    ["name", "eq.a.b=c,(d", leaf("name", "eq", "a.b=c,(d")],
    ["name", "not.eq.x", { not: leaf("name", "eq", "x") }],
    ["name", "ilike.*Prod*", leaf("name", "ilike", "*Prod*")],
    ["id", 'in.(a, "b,c" ,d)', leaf("id", "in", "a", "b,c", "d")],
    ["id", "in.()", leaf("id", "in")],
    ["policy_id", "is.null", leaf("policy_id", "is")],
    ["policy_id", "not.is.null", { not: leaf("policy_id", "is") }],
    ["capabilities", "cs.{a,b}", leaf("capabilities", "cs", "a", "b")],
    ["capabilities", "cd.{a}", leaf("capabilities", "cd", "a")],
    ["and", "(a.gt.1,b.eq.2)", { and: [leaf("a", "gt", "1"), leaf("b", "eq", "2")] }],
    [
      "or",
      "(a.in.(1,2),not.and(b.lte.3,c.not.is.null))",
      { or: [leaf("a", "in", "1", "2"), { not: { and: [leaf("b", "lte", "3"), { not: leaf("c", "is") }] } }] },
    ],
    ["not.or", "(a.neq.1)", { not: { or: [leaf("a", "neq", "1")] } }],
  ])("%s=%s", (name, value, expected) => {
    expect(
      parseFilters([
        ["select", "id"],
        [name, value],
        ["limit", "5"],
      ]),
    ).toEqual({ and: [expected] });
  });

  it("holds with all others, and is none when there is none", () => {
    expect(
      parseFilters([
        ["a", "gt.1"],
        ["a", "lt.5"],
      ]),
    ).toEqual({ and: [leaf("a", "gt", "1"), leaf("a", "lt", "5")] });
    expect(
      parseFilters([
        ["select", "*"],
        ["order", "id"],
        ["is_async", "true"],
      ]),
    ).toBeNull();
  });

  it.each<[string, string]>([
    // The vendor's own test expects this one to fail.
    ["management_address", "inv.1.2.3.4"],
    ["name", "RS1"],
    ["name", "eq"],
    ["na me", "eq.1"],
    ["name", "is.true"],
    ["id", "in.a,b"],
    ["id", "in.(a"],
    ["and", "a.eq.1"],
    ["or", "()"],
    ["or", "(a)"],
    ["and", `${"(and".repeat(20)}(a.eq.1)${")".repeat(20)}`],
    ["caps", "cs.(a)"],
    ["__proto__", "eqq.1"],
  ])("refuses %s=%s", (name, value) => {
    expect(() => parseFilters([[name, value]])).toThrowError(expect.objectContaining({ code: "invalid_input" }));
  });
});

describe("a page", () => {
  const page = (query: Record<string, string>, range: string | null = null) =>
    parsePage(new Map(Object.entries(query)), range);

  it("is the first hundred, what limit and offset say, or what a range of rows says", () => {
    expect(page({})).toEqual({ limit: 100, offset: 0 });
    expect(page({ limit: "1000", offset: "2000" })).toEqual({ limit: 1000, offset: 2000 });
    expect(page({ limit: "9999" })).toEqual({ limit: 2000, offset: 0 });
    expect(page({ offset: "7" })).toEqual({ limit: 100, offset: 7 });
    expect(page({}, "0-99")).toEqual({ limit: 100, offset: 0 });
    expect(page({}, "items=5-5")).toEqual({ limit: 1, offset: 5 });
    expect(page({ limit: "3" }, "100-2100")).toEqual({ limit: 3, offset: 0 });
    expect(page({}, "bytes=0-99")).toEqual({ limit: 100, offset: 0 });
  });

  it("brings no row twice for PyPowerStore, whose ranges overlap by one", () => {
    const total = 5_000;
    const seen = Array.from({ length: 100 }, (_, i) => i);
    for (let from = 100; from < total; from += 2000) {
      const { limit, offset } = page({}, `${from}-${from + 2000}`);
      for (let i = offset; i < Math.min(offset + limit, total); i++) seen.push(i);
    }
    expect(seen).toEqual(Array.from({ length: total }, (_, i) => i));
  });

  it("refuses ranges that cannot be, and numbers that are none", () => {
    for (const query of [{ limit: "0" }, { limit: "-1" }, { offset: "-1" }] as Record<string, string>[])
      expect(() => page(query)).toThrowError(expect.objectContaining({ code: "bad_range" }));
    expect(() => page({}, "99-0")).toThrowError(expect.objectContaining({ code: "bad_range" }));
    for (const limit of ["ten", "1e3", "", "9".repeat(30)])
      expect(() => page({ limit })).toThrowError(expect.objectContaining({ code: "invalid_input" }));
  });
});

describe("an order", () => {
  it("reads properties with their direction", () => {
    expect(parseOrder(undefined)).toEqual([]);
    expect(parseOrder("name, size.desc,id.asc")).toEqual([
      { property: "name", direction: "asc" },
      { property: "size", direction: "desc" },
      { property: "id", direction: "asc" },
    ]);
    for (const text of ["name.up", "a b", "name;", Array(20).fill("a").join(",")])
      expect(() => parseOrder(text)).toThrowError(expect.objectContaining({ code: "invalid_input" }));
  });
});
