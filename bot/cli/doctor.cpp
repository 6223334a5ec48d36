#include "bot/cli/doctor.h"

#include <ostream>

#include "bot/doctor/checks.h"

namespace bot::cli {

bool run_doctor(const runtime::Flags& flags, chat::Repair repair, std::ostream& out) {
  using Mark = chat::CheckResult::Mark;
  bool all_well = true;
  const doctor::Report report{[](const std::string&) {},
                              [&](const doctor::Finding& finding) {
                                const auto mark = finding.result.mark;
                                all_well = all_well && mark != Mark::failure;
                                out << (mark == Mark::ok        ? "ok  "
                                        : mark == Mark::warning ? "warn"
                                                                : "FAIL")
                                    << "  " << finding.what << ": " << finding.result.detail << "\n";
                              }};
  // After the lines of all checks.
  for (const auto& text : doctor::run_checks(flags, repair, report)) {
    out << "\n" << text << "\n";
  }
  return all_well;
}

}  // namespace bot::cli
