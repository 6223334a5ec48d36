#include "bot/demo/jobs.h"

#include <algorithm>
#include <optional>

#include "bot/demo/words.h"

namespace bot::demo {
namespace {

const std::initializer_list<std::string_view> kPagination = {
    "pagination", "paginate", "paginated", "paginating", "paging", "page by page", "per page", "pages of"};
const std::initializer_list<std::string_view> kSearch = {"search", "searching", "searchable",
                                                         "filter by title", "find tasks by"};
const std::initializer_list<std::string_view> kApi = {"api",      "rest",     "endpoint", "endpoints",
                                                      "task api", "task app", "backend",  "web service"};

bool is_how_to_question(const Words& words) {
  return words.begins_with_any({"how do", "how would", "how can", "how could", "how to", "how does",
                                "what is", "whats", "what are", "should i", "why", "explain"});
}

bool asks_to_proceed(const Words& words) {
  return words.is_any({"continue", "continue please", "please continue", "go on", "resume", "carry on"}) ||
         words.has_any({"left off", "you stopped", "was interrupted", "were interrupted", "been interrupted",
                        "keep going", "continue the work", "continue your work", "continue the task",
                        "continue with the task", "carry on with", "pick up where", "finish what you"});
}

/// Where the wish for something new stands ("build a ..."); "make it dark" is none.
std::size_t building_verb(const Words& words) {
  if (words.has_any({"make it", "make the", "make that", "make this", "make them", "make my"})) {
    return words.first({"build", "create", "write", "develop", "program", "generate"});
  }
  return words.first({"build", "create", "make", "write", "develop", "implement", "code", "program",
                      "generate", "need", "want"});
}

std::optional<Theme> theme_in(const Words& words) {
  struct Row {
    std::string_view word;
    Theme theme;
  };
  static constexpr Row kRows[] = {
      {"dark", Theme::dark},   {"black", Theme::dark},    {"blue", Theme::blue},     {"green", Theme::green},
      {"red", Theme::red},     {"purple", Theme::purple}, {"violet", Theme::purple}, {"light", Theme::dawn},
      {"bright", Theme::dawn}, {"darker", Theme::dark},   {"lighter", Theme::dawn},
  };
  for (const auto& row : kRows) {
    if (words.has(row.word)) {
      return row.theme;
    }
  }
  return std::nullopt;
}

std::optional<Job> task_api_job(const Words& words) {
  const TaskApiFeatures features{words.has_any(kPagination), words.has_any(kSearch)};
  const auto feature_at = std::min(words.first(kPagination), words.first(kSearch));
  const auto api_at = words.first(kApi);
  const bool tasks = words.has_any({"task", "tasks", "todo", "todos", "to do", "to dos"});
  const auto build_at = building_verb(words);
  const auto extend_at =
      words.first({"add", "extend", "include", "support", "paginate", "make it", "make the"});
  const bool builds = build_at != Words::kNowhere && build_at < extend_at && api_at < feature_at;
  if (tasks && api_at != Words::kNowhere && builds) {
    return Job{Job::Kind::build_task_api, features, {}};
  }
  // A search for something else than tasks ("search my projects") is not a wish for a feature.
  const bool wants_search =
      features.search && (extend_at != Words::kNowhere || words.has_any({"implement", "search by", "title"}));
  if (features.pagination || wants_search) {
    return Job{Job::Kind::extend_task_api, {features.pagination, wants_search}, {}};
  }
  return std::nullopt;
}

std::optional<Job> countdown_job(const Words& words) {
  const auto theme = theme_in(words);
  const bool page = words.has_any({"page", "webpage", "website", "site", "html"});
  const bool countdown =
      words.has_any({"countdown", "count down", "counts down", "counting down", "counter"}) &&
      words.has_any({"new year", "new years", "newyear", "new year s"});
  if (countdown && page && (building_verb(words) != Words::kNowhere || !theme)) {
    return Job{Job::Kind::build_countdown, {}, theme.value_or(Theme::dawn)};
  }
  const bool changes = words.has_any({"make", "turn", "change", "restyle", "switch", "set", "paint", "use",
                                      "color", "colour", "colors", "colours", "mode", "theme", "style"});
  const bool object = words.has_any({"it", "page", "countdown", "site", "website", "index", "theme", "mode",
                                     "that", "this", "background", "colors", "colours"});
  if (theme && changes && object) {
    return Job{Job::Kind::restyle_countdown, {}, *theme};
  }
  return std::nullopt;
}

bool asks_for_comparison(const Words& words) {
  return words.has("sqlite") && words.has_any({"postgres", "postgresql"}) &&
         words.has_any({"report", "write", "document", "paper", "write up", "writeup", "file"});
}

bool asks_for_notes(const Words& words) {
  return words.has_any({"notes", "notebook"}) &&
         words.has_any({"git", "repository", "repo", "version control"}) &&
         (building_verb(words) != Words::kNowhere ||
          words.has_any({"start", "begin", "init", "put", "keep"}));
}

std::string build_task_api_prompt(const TaskApiFeatures& features) {
  std::string prompt =
      "Build a small REST API for tasks in Python, with the standard library alone (http.server, sqlite3).\n"
      "- app.py: GET and POST /tasks; GET, PATCH and DELETE /tasks/ID. JSON in and out. A task has id, "
      "title, done and "
      "created_at. Check what comes in and answer errors as JSON with a fitting status.\n"
      "- test_app.py: unittest; starts the real server on a free port with an empty database.\n"
      "- README.md: how to start it, the requests, an example with curl.\n";
  if (features.pagination) {
    prompt += "- Pagination of GET /tasks with page and per_page, 20 by default, and a test for it.\n";
  }
  if (features.search) {
    prompt += "- GET /tasks?search=TEXT finds tasks by title, in any case; and a test for it.\n";
  }
  return prompt + "Done when the tests cover every request and its errors. Say plainly what was not run.";
}

std::string extend_task_api_prompt(const TaskApiFeatures& features) {
  std::string prompt;
  if (features.pagination) {
    prompt +=
        "Add pagination to GET /tasks in app.py: parameters page (from 1) and per_page (20 by default, at "
        "most 100); the answer also has total and pages; 400 for bad values.\n";
  }
  if (features.search) {
    prompt += "Add a search by title to GET /tasks in app.py: ?search=TEXT, in any case, literally.\n";
  }
  return prompt +
         "Read app.py first and keep everything else as it is. Add tests in a file of their own and bring "
         "README.md up to date. Say plainly what was not run.";
}

constexpr const char* kCountdown =
    ": one self-contained index.html without any outside resource. Days, hours, minutes and seconds in the "
    "visitor's own time zone, a bar for the year gone by, a small celebration on 1 January. It must look "
    "good on a phone and a desktop, and respect reduced motion. Keep all colours in one :root block.";

constexpr const char* kNotes =
    "Start a Git repository for notes: write README.md, which says in a few lines how the notes are kept, then "
    "run git init in this folder. Nothing else.";

constexpr const char* kComparison =
    "Compare SQLite and PostgreSQL for a small web shop and write report.md: one page, balanced. A summary "
    "first, a table side by side, what matters for a shop (stock, money, load, other programs, personal "
    "data), where each one hurts, a recommendation with its conditions. Mark what is not measured.";

}  // namespace

Job job_in(std::string_view text) {
  const Words words(text);
  if (asks_to_proceed(words)) {
    return {Job::Kind::proceed, {}, {}};
  }
  if (words.has_any({"review", "reviewer", "reviewing"})) {
    return {Job::Kind::review, {}, {}};
  }
  if (is_how_to_question(words)) {
    return {};
  }
  if (asks_for_comparison(words)) {
    return {Job::Kind::write_comparison, {}, {}};
  }
  if (asks_for_notes(words)) {
    return {Job::Kind::keep_notes, {}, {}};
  }
  if (const auto job = countdown_job(words)) {
    return *job;
  }
  return task_api_job(words).value_or(Job{});
}

std::string_view slug_of(Job::Kind kind) {
  switch (kind) {
    case Job::Kind::build_task_api:
    case Job::Kind::extend_task_api:
      return "task-api";
    case Job::Kind::build_countdown:
    case Job::Kind::restyle_countdown:
      return "new-year-countdown";
    case Job::Kind::write_comparison:
      return "sqlite-vs-postgresql";
    case Job::Kind::keep_notes:
      return "notes";
    case Job::Kind::none:
    case Job::Kind::review:
    case Job::Kind::proceed:
      return "";
  }
  return "";
}

std::string prompt_for(const Job& job) {
  const std::string colours = std::string(theme_name(job.theme)) + " colours";
  switch (job.kind) {
    case Job::Kind::build_task_api:
      return build_task_api_prompt(job.features);
    case Job::Kind::extend_task_api:
      return extend_task_api_prompt(job.features);
    case Job::Kind::build_countdown:
      return "Make a web page that counts down to New Year, in " + colours + kCountdown;
    case Job::Kind::restyle_countdown:
      return "Change the page to " + colours +
             ": read index.html and edit the colours in its :root block. Keep the rest as it is.";
    case Job::Kind::write_comparison:
      return kComparison;
    case Job::Kind::keep_notes:
      return kNotes;
    case Job::Kind::review:
      return "Review the project independently. Change nothing.";
    case Job::Kind::proceed:
      return "Continue where you left off.";
    case Job::Kind::none:
      return "";
  }
  return "";
}

}  // namespace bot::demo
