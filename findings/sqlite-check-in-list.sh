#!/bin/bash
# A CHECK that lists what a column may hold makes each row that is written several times as dear in SQLite (3.49.1, by npm's
# sql.js 1.13.0; 3.40 does the same). Seen:
#   - `CHECK (state IN ('a', 'b', 'c'))` is no comparison: each INSERT and UPDATE opens a temporary b-tree, fills it with the
#     list, looks the value up and throws the tree away (`OpenEphemeral` in EXPLAIN); with two values it is two comparisons;
#   - with eight values a row takes more than twice as long to insert as with `state = 'a' OR state = 'b' OR …`, which allows the same
#     (5 times here).
# One would guess that a list of constants is compiled once, as in other databases, and that of two spellings of one check
# none costs more. Write checks of more than two values as comparisons where rows are written often.
# Exits with 1 if any of this is different.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --prefix "$work" --no-audit --no-fund --silent sql.js@1.13.0
cat >"$work/check.mjs" <<'JS'
import initSqlJs from 'sql.js';
const db = new (await initSqlJs()).Database();
const make = (check) => db.run(`DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, state TEXT CHECK (${check}))`);
const trees = (check) => {
  make(check);
  return db.exec("EXPLAIN INSERT INTO t(state) VALUES ('a')")[0].values.filter((row) => row[1] === 'OpenEphemeral').length;
};
const time = (check) => { // of 50,000 rows, the best of three
  const times = [];
  for (let round = 0; round < 3; ++round) {
    make(check);
    const insert = db.prepare("INSERT INTO t(state) VALUES ('d')");
    db.run('BEGIN');
    const begin = performance.now();
    for (let i = 0; i < 50_000; ++i) insert.run();
    times.push(performance.now() - begin);
    db.run('COMMIT');
    insert.free();
  }
  return Math.min(...times);
};
const values = [...'abcdefgh'];
const list = (few) => `state IN (${few.map((value) => `'${value}'`).join(', ')})`;
const comparisons = values.map((value) => `state = '${value}'`).join(' OR ');
const seen = {
  version: db.exec('SELECT sqlite_version()')[0].values[0][0],
  trees: { two: trees(list(['a', 'b'])), three: trees(list(['a', 'b', 'c'])), comparisons: trees(comparisons) },
  dearer: time(list(values)) / time(comparisons),
};
console.log(seen);
const same = seen.version === '3.49.1' && seen.trees.two === 0 && seen.trees.three === 1 && seen.trees.comparisons === 0 && seen.dearer > 2;
process.exit(same ? 0 : 1);
JS
node "$work/check.mjs"
