// npm run release: everything that a release has to pass, up to the package that would be published. Nothing leaves the
// machine without --publish, and that only from a CI that can say who built it: npm signs where the package comes from.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const isPublishing = process.argv.includes('--publish');
const unknown = process.argv.slice(2).find((word) => word !== '--publish');
const NO_REPOSITORY = 'package.json names no "repository", and provenance is of one: add its public address';
const { name, version, repository } = JSON.parse(fs.readFileSync('package.json', 'utf8'));

try {
  if (unknown !== undefined) refuse(`${unknown} is not known. The only flag is --publish.`);
  checkTree();
  checkChangelog();
  if (isPublishing) checkProvenance();
  run('npm', ['run', 'check']);
  const packed = pack();
  run('npm', ['test']);
  const command = ['publish', packed, '--provenance', '--access', 'public'];
  if (isPublishing) run('npm', command);
  else say(`Nothing was published. With --publish: npm ${command.join(' ')}`);
  if (repository === undefined) say(`--publish will be refused: ${NO_REPOSITORY}`);
} catch (error) {
  process.stderr.write(`release: ${error.message}\n`);
  process.exitCode = 1;
}

/** What is published is what is committed. */
function checkTree() {
  const changes = git('status', '--porcelain');
  if (changes !== '') refuse(`the tree is not clean:\n${changes}`);
  const tagged = git('tag', '--list', `v${version}`) === '' ? undefined : git('rev-list', '-n', '1', `v${version}`);
  if (tagged !== undefined && tagged !== git('rev-parse', 'HEAD')) refuse(`v${version} is another commit`);
  if (isPublishing && tagged === undefined) refuse(`this commit has no tag: git tag v${version}`);
}

/** Who updates has to be told what is new. */
function checkChangelog() {
  const sections = fs.readFileSync('CHANGELOG.md', 'utf8').split(/^## /m).slice(1);
  const textOf = (title) => sections.find((section) => section.split('\n', 1)[0].split(' ')[0] === title);
  const own = textOf(version);
  if (own === undefined) refuse(`CHANGELOG.md has no section "## ${version}"`);
  if (own.split('\n').slice(1).join('').trim() === '') refuse(`CHANGELOG.md says nothing of ${version}`);
  const rest = textOf('Unreleased')?.split('\n').slice(1).join('').trim() ?? '';
  if (rest !== '') refuse(`CHANGELOG.md still has changes under "## Unreleased": move them to ${version}`);
}

/** npm asks the CI for a token and signs with it; the repository must be the one that package.json names. */
function checkProvenance() {
  if (repository === undefined) refuse(NO_REPOSITORY);
  const tokens = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'SIGSTORE_ID_TOKEN'];
  if (!tokens.some((token) => (process.env[token] ?? '') !== '')) {
    refuse(`no ${tokens.join(' or ')}: publish from GitHub Actions (permissions: id-token: write) or GitLab CI`);
  }
}

/** Builds, and says what is in the package. */
function pack() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-release-`));
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { encoding: 'utf8' });
  // What the build prints comes first.
  const [{ filename, integrity, size, files }] = JSON.parse(output.slice(output.search(/^\[$/m)));
  say(`${filename}: ${files.length} files, ${size} bytes, ${integrity}`);
  return path.join(folder, filename);
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}

function run(program, args) {
  say(`--- ${program} ${args.join(' ')}`);
  execFileSync(program, args, { stdio: 'inherit' });
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function refuse(text) {
  throw new Error(text);
}
