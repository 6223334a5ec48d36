// What the commands for the shell cost: `run` with a specialist that does nothing, against that specialist
// alone; `list` and `search` over many projects, against a script that starts one process a project to read
// its JSON, as shell scripts do (measured over fewer projects and scaled).
//
// shell [--quick]   prints one line a figure: median, worst, and its ratio to the reference.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/bench/sample.h"
#include "tests/support/files.h"
#include "tests/support/program/program.h"
#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using bench::measure;
using bench::Sample;

constexpr const char* kSpecialist = R"sh(#!/bin/sh
read -r task
echo '{"type":"system","subtype":"init","session_id":"00000000-0000-4000-8000-000000000000","model":"m"}'
echo '{"type":"result","subtype":"success","is_error":false,"result":"done","num_turns":1,"session_id":"00000000-0000-4000-8000-000000000000","total_cost_usd":0,"permission_denials":[]}'
)sh";

constexpr const char* kListScript = R"sh(
for folder in "$1"/*/; do
  python3 -c 'import json,sys; p=json.load(open(sys.argv[1])); print(p["slug"], p["description"])' \
    "$folder/.dispatch-logs/project.json"
done
)sh";

bool failed = false;

void run(const std::vector<std::string>& argv, const fs::path& folder,
         const support::Program::Environment& environment = {}) {
  support::Program program(argv, folder, environment);
  failed = program.wait(std::chrono::seconds(60)) != std::optional(0) || failed;
}

void print(const char* what, const Sample& sample, double reference_ms, double goal_ms) {
  std::printf("%-34s median %8.1f ms, worst %8.1f ms; reference %8.1f ms; ratio %7.3f; goal %.0f ms\n", what,
              sample.median(), sample.worst(), reference_ms, sample.median() / reference_ms, goal_ms);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
  const int times = quick ? 7 : 41;
  const int projects = quick ? 200 : 1000;
  const int for_reference = quick ? 10 : 50;
  const support::TemporaryFolder home;
  const auto frontdesk = support::program_path("FRONTDESK_BIN");
  const auto specialist = (home.path() / "specialist.sh").string();
  support::write_text(specialist, kSpecialist);
  fs::permissions(specialist, fs::perms::owner_all);
  const support::Program::Environment environment = {{"DISPATCH_CC_BIN", specialist}};

  const auto alone = measure(times, [&] { run({"/bin/sh", "-c", specialist + " </dev/null"}, home.path()); });
  const std::vector<std::string> task = {frontdesk, "run", "--slug", "speed", "--prompt", "x"};
  run(task, home.path(), environment);  // makes folder and database
  const auto worked = measure(times, [&] { run(task, home.path(), environment); });
  print("run (specialist included)", worked, alone.median(), 25 + alone.median());

  const auto root = home.path() / "dispatch-projects";
  for (int i = 0; i < projects; ++i) {
    const auto slug = "project-" + std::to_string(i);
    const auto logs = root / slug / ".dispatch-logs";
    fs::create_directories(logs);
    support::write_text(logs / "project.json", "{\"slug\":\"" + slug + "\",\"description\":\"number " +
                                                   std::to_string(i) +
                                                   "\",\"updated\":\"2026-03-31T12:00:00Z\"}\n");
    support::write_text(logs / "last-result.txt", "The words of result " + std::to_string(i) + ".\n");
    support::write_text(logs / "20260331-120000-1-result.json", "{\"result\":\"x\",\"is_error\":false}\n");
  }
  const auto few = home.path() / "few";
  fs::create_directories(few);
  for (int i = 0; i < for_reference; ++i) {
    fs::create_directory_symlink(root / ("project-" + std::to_string(i)), few / std::to_string(i));
  }
  const auto scripted = measure(3, [&] {
    run({"/bin/sh", "-c", kListScript, "list", few.string()}, home.path());
  });
  const double reference = scripted.median() * projects / for_reference;
  const auto listed = measure(times, [&] { run({frontdesk, "list"}, home.path(), environment); });
  const auto found = measure(times, [&] {
    run({frontdesk, "search", "words", "number", "77"}, home.path(), environment);
  });
  std::printf("%d projects; the reference is scaled from %d\n", projects, for_reference);
  print("list", listed, reference, 100);
  print("search", found, reference, 100);
  if (failed) {
    std::printf("a command failed\n");
  }
  return failed ? 1 : 0;
}
