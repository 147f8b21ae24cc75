"use client";

import { SetUpSecondFactor } from "./set-up-second-factor";

/** All that somebody sees whose role must have a second factor, and who has none yet. */
export const MustEnrol = () => <SetUpSecondFactor onDone={() => location.reload()} />;
