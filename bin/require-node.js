// Stops at once, with what to do, on a Node that cannot run Fairmesh.
// Loaded with --import by npm scripts and first by the installed binary. Plain JavaScript that old Nodes parse.
const required = [24, 8];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < required[0] || (major === required[0] && minor < required[1])) {
  process.stderr.write(
    `fairmesh needs Node ${required.join(".")} or newer; this is ${process.versions.node}.\n` +
      "In a checkout, run `npm ci` and start through npm (npm start, npm test): it brings its own Node 24 on Linux and Windows.\n" +
      "Elsewhere, install Node 24 from https://nodejs.org and try again.\n",
  );
  process.exit(2);
}
