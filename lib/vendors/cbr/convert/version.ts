/** The one version of this API that is spoken here. */
export const toVersion = (baseUrl: string) => ({
  id: "v3",
  status: "CURRENT",
  updated: "2019-05-01T00:00:00Z",
  links: [{ rel: "self", href: `${baseUrl}/v3/` }],
});
