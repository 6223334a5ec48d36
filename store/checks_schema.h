#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kPlainChecks = R"sql(
-- A list of three values or more in a CHECK makes SQLite build a tree of it for each row that is written
-- (findings/sqlite-check-in-list.sh): here the same checks of what each turn writes as comparisons. Only the text of
-- the tables changes, no row (https://www.sqlite.org/lang_altertable.html, at the end of "making other kinds of
-- table schema changes").
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
  'kind IN
    (''yes'', ''no'', ''give'', ''continue'', ''cancel'', ''allow'', ''allow_for_task'', ''deny'', ''change'', ''option'', ''file'', ''raise'',
     ''just_answer'', ''good'', ''bad'', ''drop'', ''retry'', ''remember'', ''leave'', ''forget'', ''snooze'', ''change_reminder'', ''delete_reminder'')',
  'kind = ''give'' OR kind = ''good'' OR kind = ''bad'' OR kind = ''yes'' OR kind = ''no'' OR
    kind = ''continue'' OR kind = ''cancel'' OR kind = ''allow'' OR kind = ''allow_for_task'' OR
    kind = ''deny'' OR kind = ''change'' OR kind = ''option'' OR kind = ''file'' OR kind = ''raise'' OR
    kind = ''just_answer'' OR kind = ''drop'' OR kind = ''retry'' OR kind = ''remember'' OR kind = ''leave'' OR
    kind = ''forget'' OR kind = ''snooze'' OR kind = ''change_reminder'' OR kind = ''delete_reminder''')
  WHERE type = 'table' AND name = 'buttons';
UPDATE sqlite_schema SET sql = replace(sql,
  'action IN (''answer'', ''ask'', ''dispatch'')',
  'action = ''answer'' OR action = ''ask'' OR action = ''dispatch''')
  WHERE type = 'table' AND name = 'decisions';
UPDATE sqlite_schema SET sql = replace(sql,
  'question IN (''open'', ''yes'', ''no'', ''expired'')',
  'question = ''open'' OR question = ''yes'' OR question = ''no'' OR question = ''expired''')
  WHERE type = 'table' AND name = 'decisions';
UPDATE sqlite_schema SET sql = replace(sql,
  'became IN (''failed'', ''over_budget'', ''declined'', ''joined'')',
  'became = ''failed'' OR became = ''over_budget'' OR became = ''declined'' OR became = ''joined''')
  WHERE type = 'table' AND name = 'decisions';
UPDATE sqlite_schema SET sql = replace(sql,
  'purpose IN (''secretary'', ''summary'', ''specialist'')',
  'purpose = ''secretary'' OR purpose = ''specialist'' OR purpose = ''summary''')
  WHERE type = 'table' AND name = 'ledger';
UPDATE sqlite_schema SET sql = replace(sql,
  'state IN (''new'', ''attempted'', ''delivered'', ''dead'')',
  'state = ''new'' OR state = ''attempted'' OR state = ''delivered'' OR state = ''dead''')
  WHERE type = 'table' AND name = 'outbox';
UPDATE sqlite_schema SET sql = replace(sql,
  'event IN (''taken-over'', ''written'', ''pruned'', ''erased'', ''unfit'')',
  'event = ''written'' OR event = ''taken-over'' OR event = ''pruned'' OR event = ''erased'' OR
    event = ''unfit''')
  WHERE type = 'table' AND name = 'chain';
UPDATE sqlite_schema SET sql = replace(sql,
  'about IN (''decisions'', ''dispatches'', ''approvals'', ''verdicts'', ''changes'')',
  'about = ''decisions'' OR about = ''dispatches'' OR about = ''approvals'' OR about = ''verdicts'' OR
    about = ''changes''')
  WHERE type = 'table' AND name = 'chain';
UPDATE sqlite_schema SET sql = replace(sql,
  'state IN (''attempted'', ''sent'', ''uncertain'')',
  'state = ''attempted'' OR state = ''sent'' OR state = ''uncertain''')
  WHERE type = 'table' AND name = 'pieces';
PRAGMA writable_schema = RESET;
-- Other connections read the texts anew once the number of the schema is another.
CREATE TABLE checks_by_comparison(x);
DROP TABLE checks_by_comparison;
)sql";

}  // namespace store
