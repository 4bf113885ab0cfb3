// Checks a release with nothing of the program that made it; needs Node 18 or later.
//
//     npm install hyparquet fzstd
//     node check_release.mjs RELEASE [RELEASE_BEFORE]
//
// The rules are those of fingerprint.md and conformance.md, beside this file: files, sizes, counts,
// record digests, keys, roots, the fingerprint and, with the release before, the list of changes.
// Prints a line for each fault, its code first; exits with 1 if there is one.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { decompress } from 'fzstd'
import { parquetReadObjects } from 'hyparquet'

const MANIFEST = 'manifest-sha256.txt'
const TAG_MANIFEST = 'tagmanifest-sha256.txt'
const BUCKETS = 4096
class Fault extends Error {
  constructor(code, told) {
    super(told)
    this.code = code
  }
}
const faults = []
const fault = (code, told) => faults.push(`${code} ${told}`)

const sha256 = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const NODE = Buffer.from([1])
const ENTRY = Buffer.from([0])
const json = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'))

// --- Canonical JSON and record digests ---

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
  return `{${members.join(',')}}`
}

// A part of a schema, or what it refers to: { "$ref": "article.json#/properties/text" }.
function resolved(schema, part) {
  if (!part?.$ref) return [schema, part]
  const [name, pointer] = part.$ref.split('#')
  const document = name ? schema.documents[name] : schema.document
  const found = pointer.split('/').slice(1).reduce((held, key) => held?.[key], document)
  return resolved({ ...schema, document }, found)
}

// A value without nulls and empty lists, at every depth, and without what a schema withholds.
function covered(value, schema, spec) {
  if (Array.isArray(value)) return value.map((each) => covered(each, schema))
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? Number(value) : value
  const kept = {}
  for (const [name, member] of Object.entries(value)) {
    const [document, part] = resolved(schema, spec?.properties?.[name])
    if (part?.['x-withhold'] || member === null || member === undefined) continue
    if (Array.isArray(member) && member.length === 0) continue
    kept[name] = covered(member, document, part)
  }
  return kept
}

function recordDigest(row, schema) {
  const { record_sha256, text_access, ...rest } = row
  return sha256(canonical(covered(rest, schema, schema.document)))
}

// --- Trees: RFC 6962, section 2.1 ---

function treeHead(leaves) {
  if (leaves.length === 0) return sha256('')
  if (leaves.length === 1) return leaves[0]
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(NODE, treeHead(leaves.slice(0, split)), treeHead(leaves.slice(split)))
}

function tableRoot(rows) {
  const buckets = Array.from({ length: BUCKETS }, () => [])
  rows.sort((one, other) => Buffer.compare(one.key, other.key))
  for (const { key, digest } of rows) buckets[(key[0] << 4) | (key[1] >> 4)].push(sha256(ENTRY, key, digest))
  return treeHead(buckets.map((leaves) => sha256(ENTRY, treeHead(leaves))))
}

function base32(bytes) {
  let digits = ''
  let [held, bits] = [0, 0]
  for (const byte of [...bytes, 0]) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    for (; bits >= 5; bits -= 5) digits += 'abcdefghijklmnopqrstuvwxyz234567'[(held >> (bits - 5)) & 31]
  }
  return digits.slice(0, 52)
}

function fingerprint(roots) {
  const told = roots.filter(({ name, rows }) => rows && name !== 'changes').sort((a, b) => (a.name < b.name ? -1 : 1))
  return `mf1:${base32(treeHead(told.map(({ name, root }) => sha256(ENTRY, name, ENTRY, root))))}`
}

// --- Files ---

function* filesBelow(root, folder = '') {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder ? `${folder}/${entry.name}` : entry.name
    if (entry.isDirectory()) yield* filesBelow(root, path)
    else yield path
  }
}

function checkFiles(root) {
  const listed = new Set([TAG_MANIFEST, `${TAG_MANIFEST}.sig`])
  for (const path of filesBelow(root)) {
    if (!statSync(join(root, path)).isFile()) throw new Fault('R107', `${path}: no regular file`)
  }
  for (const name of [MANIFEST, TAG_MANIFEST]) {
    for (const line of readFileSync(join(root, name), 'utf8').split('\n').slice(0, -1)) {
      const path = line.slice(66).replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%')
      listed.add(path)
      if (path.startsWith('data/') !== (name === MANIFEST)) fault('R102', `${path}: listed in ${name}`)
      else if (!existsSync(join(root, path))) fault('R103', `${path}: the file is missing`)
      else if (sha256(readFileSync(join(root, path))).toString('hex') !== line.slice(0, 64)) {
        fault('R104', `${path}: not the digest that ${name} has`)
      }
    }
  }
  for (const path of filesBelow(root)) if (!listed.has(path)) fault('R101', `${path}: not listed`)
}

// --- Rows ---

const day = (days) => new Date(days * 86400000).toISOString().slice(0, 10)
const instant = (micros) => {
  const fraction = ((micros % 1000000n) + 1000000n) % 1000000n
  const seconds = Number((micros - fraction) / 1000000n)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(fraction).padStart(6, '0')}Z`
}
const parsers = { dateFromDays: day, timestampFromMicroseconds: instant }
const compressors = { ZSTD: (input, size) => decompress(input, new Uint8Array(size)) }

async function rowsOf(root, path) {
  const data = readFileSync(join(root, path))
  const file = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
  return parquetReadObjects({ file, compressors, parsers })
}

function schemaOf(root, table) {
  const names = readdirSync(join(root, 'schema'))
  const documents = Object.fromEntries(names.map((name) => [name, json(root, 'schema', name)]))
  const document = Object.values(documents).find((each) => each['x-table']?.name === table)
  if (!document) throw new Fault('R108', `release.json: there is no schema of a table ${table}`)
  return { document, documents }
}

async function checkTable(root, entry) {
  const schema = schemaOf(root, entry.name)
  const held = []
  for (const file of entry.files) {
    if (statSync(join(root, file.path)).size !== file.size_bytes) fault('R205', `${file.path}: another size`)
    const rows = await rowsOf(root, file.path)
    if (rows.length !== file.n_rows) fault('R204', `${file.path}: ${rows.length} rows`)
    for (const row of rows) {
      const digest = recordDigest(row, schema)
      const names = schema.document['x-table'].key.map((name) => row[name])
      if (digest.toString('hex') !== row.record_sha256) fault('R302', `${entry.name} ${names.join(', ')}: not its digest`)
      held.push({ key: sha256(canonical(names)), digest, row })
    }
  }
  if (held.length !== entry.n_rows) fault('R204', `${entry.name}: ${held.length} rows`)
  const root_ = tableRoot(held)
  if (held.some((each, place) => place && each.key.equals(held[place - 1].key))) fault('R303', `${entry.name}: two rows have one key`)
  if (root_.toString('hex') !== entry.root) fault('R304', `${entry.name}: not its root`)
  return { name: entry.name, root: root_, rows: held.map(({ row }) => row) }
}

async function rowsByTable(root, check) {
  const manifest = json(root, 'release.json')
  const tables = []
  for (const entry of manifest.tables) {
    if (check) tables.push(await checkTable(root, entry))
    else tables.push({ name: entry.name, rows: (await Promise.all(entry.files.map((file) => rowsOf(root, file.path)))).flat() })
  }
  return { manifest, tables, rows: (name) => tables.find((each) => each.name === name)?.rows ?? [] }
}

// --- Changes ---

function withdrawnIds(release, root) {
  const ids = new Set(release.rows('withdrawn').map((row) => row.article_id))
  const file = join(root, 'source', 'aliases.jsonl')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)) : []
  for (let size = -1; size !== ids.size; ) {
    size = ids.size
    for (const line of lines) if (ids.has(line.old_id)) ids.add(line.new_id)
  }
  return ids
}

function revisionsOf(release) {
  const held = new Map()
  for (const row of release.rows('revisions')) held.set(row.article_id, [...(held.get(row.article_id) ?? []), row.revision_id].sort())
  return held
}

function expectedChanges(before, after, root) {
  const withdrawn = withdrawnIds(after, root)
  const aliases = new Map(after.rows('articles').flatMap((row) => row.aliases.map((alias) => [alias, row.article_id])))
  const now = new Map(after.rows('articles').map((row) => [row.article_id, row]))
  const was = new Set(before.rows('articles').map((row) => row.article_id))
  const [held, holds] = [revisionsOf(before), revisionsOf(after)]
  const found = []
  const continued = new Set()
  for (const row of before.rows('articles')) {
    const id = aliases.get(row.article_id) ?? row.article_id
    const there = now.get(id)
    if (id !== row.article_id) continued.add(id)
    if (there && id === row.article_id && there.record_sha256 === row.record_sha256) continue
    const same = String(held.get(id)) === String(holds.get(id)) && there?.revision_id === row.revision_id
    const gone = [row.article_id, ...row.aliases].some((each) => withdrawn.has(each)) ? 'withdrawn' : 'removed'
    const change = !there ? gone : id !== row.article_id ? 'replaced' : same ? 'enriched' : 'revised'
    found.push([row.article_id, change, change === 'replaced' ? id : null])
  }
  for (const id of now.keys()) if (!was.has(id) && !continued.has(id)) found.push([id, 'added', null])
  return found.map((each) => JSON.stringify(each))
}

function checkChanges(before, after, root) {
  const stated = after.rows('changes').filter((row) => row.change !== 'reread')
  const told = new Set(stated.map((row) => JSON.stringify([row.article_id, row.change, row.new_id ?? null])))
  const expected = new Set(expectedChanges(before, after, root))
  for (const each of new Set([...told, ...expected])) {
    if (!told.has(each) || !expected.has(each)) fault('R703', `changes: ${each} ${told.has(each) ? 'is told, and is not so' : 'is not told'}`)
  }
}

async function check(root, older) {
  checkFiles(root)
  const release = await rowsByTable(root, true)
  const roots = release.tables.map(({ name, root: found, rows }) => ({ name, root: found, rows: rows.length }))
  const found = fingerprint(roots)
  if (found !== release.manifest.fingerprint) fault('R305', `the fingerprint is ${found}`)
  if (older) checkChanges(await rowsByTable(older, false), release, root)
  return `${roots.reduce((sum, { rows }) => sum + rows, 0)} records, ${found}: holds`
}

const [root, older] = process.argv.slice(2)
const told = await check(root, older).catch((error) => fault(error.code?.startsWith('R') ? error.code : 'R100', error.message))
for (const each of faults.length ? faults : [`${root}: ${told}`]) console.log(each)
process.exitCode = faults.length ? 1 : 0
