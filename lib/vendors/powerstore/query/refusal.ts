import { invalidInput } from "@/lib/errors";

/** A query that this API does not understand: 400, before anything is done. */
export const badQuery = (message: string) => invalidInput(message, "query");
