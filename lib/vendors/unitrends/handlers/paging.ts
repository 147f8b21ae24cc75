export interface PagingInput {
  start_position?: number | undefined;
  limit?: number | undefined;
}

/** Rows of a list whose client asks for no page: more would be no answer but a dump. */
const LIMIT_DEFAULT = 1_000;

export const toPage = ({ start_position = 1, limit = LIMIT_DEFAULT }: PagingInput) => ({
  offset: start_position - 1,
  limit,
});
