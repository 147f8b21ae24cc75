// Imported first by every program of the launcher: what comes after may use what only newer versions have.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `\nTwincore cannot go on: Node 20.19 or newer is needed, and this is ${process.version} (${process.execPath}).\n`,
  );
  process.exit(1);
}
