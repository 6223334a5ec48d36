#include "bot/demo/scripts.h"

namespace bot::demo {
namespace {

constexpr std::string_view kReport = R"md(# SQLite or PostgreSQL for a small web shop

*"Small" here: one server, up to a few thousand orders a day, a team of one to three people. The statements below are general knowledge about the two systems; nothing was measured for this report.*

## In short

Both are good choices. **Take PostgreSQL** if several servers or several programs will write to the shop's data, or if you expect to grow there within a year or two. **Take SQLite** if the shop is one program on one server and you want the least to look after. What decides is how many writers there are and who operates it, rarely speed.

## Side by side

| | SQLite | PostgreSQL |
|---|---|---|
| What it is | a library in your program; the data is one file | a server of its own that programs connect to |
| To set up | nothing | install, users, passwords, memory settings; or rent it managed |
| Writing | one writer at a time; readers go on beside it in WAL mode | many writers at once, row by row |
| Several web servers | not over a network file system | yes |
| Types and rules | lenient unless tables are declared STRICT; foreign keys must be switched on per connection | strict; rich types, exact decimals, checks, exclusion rules |
| Changing tables | some changes need the table copied | nearly everything with ALTER TABLE |
| Search | full text with FTS5 | full text built in, more with extensions |
| Backup | an online copy of the file; streaming with tools such as Litestream | base backup and WAL archive: back to any moment |
| If the server dies | restore the file elsewhere | replicas and failover are possible, and are work |
| Costs | nothing | the server's memory and your time, or a monthly bill |

## What matters for a shop

1. **Orders and stock.** Two customers must not buy the last piece. Both have real transactions. SQLite lines writers up, which is simple and safe (begin with `BEGIN IMMEDIATE`, set a busy timeout). PostgreSQL lets them run side by side, so lock the row (`SELECT ... FOR UPDATE`) or update with a condition on the stock.
2. **Money.** Store whole cents as integers in SQLite, which has no decimal type. PostgreSQL has `numeric`; cents work there too.
3. **Load.** Product pages are reads, and reads are cheap in both. Short write transactions let SQLite serve far more than a small shop sells; long ones, such as a payment call made inside a transaction, hold up everyone. Never do that in either.
4. **Reports and other programs.** A bookkeeping tool or a dashboard on another machine can connect to PostgreSQL directly. With SQLite it needs a copy of the file or an interface of the shop.
5. **Personal data.** PostgreSQL has roles and rights per table. With SQLite, whoever can read the file can read everything.

## Where each one hurts

- **SQLite:** a second web server means moving to something else. Hosts with short-lived file systems lose the file unless it lives on a lasting disk.
- **PostgreSQL:** one more service to update, watch and back up. Big version upgrades need a plan. Too many connections need a pool.

## Recommendation

- One server, one program, little time for operations: **SQLite** with WAL mode, foreign keys on, STRICT tables, and a backup that has been restored once to prove it.
- Managed hosting at hand, more than one writer, or growth in sight: **PostgreSQL** from the start, managed if the budget allows.
- Undecided: **PostgreSQL**, because moving later costs more than running it now. Keep the SQL in one place of the program either way.

## Before you decide

How many web servers will there be in a year? Who restores the backup at night? Does any other program need the data? Does the host offer managed PostgreSQL, and what does it cost?
)md";

}  // namespace

std::string_view comparison_report() {
  return kReport;
}

}  // namespace bot::demo
