#include "bot/demo/secretary.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "bot/demo/jobs.h"
#include "bot/demo/lookup.h"
#include "bot/demo/projects.h"
#include "bot/demo/remembering.h"
#include "bot/demo/reminders.h"
#include "bot/demo/small_talk.h"
#include "bot/demo/words.h"

namespace bot::demo {
namespace {

Turn say(std::string text) {
  return {std::move(text), {}, {}};
}

/// Whether the line is that marker, perhaps between dashes or the like.
bool is_marker(std::string_view line, std::string_view marker) {
  const auto begin = line.find_first_not_of("-=#*< ");
  return begin != std::string_view::npos && line.substr(begin).starts_with(marker);
}

/// The marked part of a request to summarise the specialist's report.
std::optional<std::string> specialist_report(std::string_view text) {
  std::optional<std::string> report;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!report && is_marker(line, "SPECIALIST REPORT")) {
      report = "";
    } else if (report && is_marker(line, "END OF REPORT")) {
      break;
    } else if (report) {
      report->append(line).append("\n");
    }
  }
  return report ? std::optional(std::string(base::trim(*report))) : std::nullopt;
}

Turn summary(const std::string& report) {
  if (report.empty()) {
    return say("The specialist left no report.");
  }
  return say("The specialist reports:\n\n" + report);
}

bool is_extension(Job::Kind kind) {
  return kind == Job::Kind::extend_task_api || kind == Job::Kind::restyle_countdown;
}

Turn propose(const Job& job, std::string action, std::string slug, std::string confidence,
             std::string reason) {
  Turn turn;
  turn.text = action == "resume" ? "I'll pass this on to the specialist, who continues with " + slug + "."
                                 : "That is a job for the specialist; I'll hand it over.";
  turn.tool = "dispatch";
  turn.arguments = {{"action", std::move(action)}, {"slug", std::move(slug)}};
  switch (job.kind) {
    case Job::Kind::build_task_api:
      turn.arguments.emplace_back("description", "A small REST API for tasks in Python");
      break;
    case Job::Kind::build_countdown:
      turn.arguments.emplace_back("description", "A web page that counts down to New Year");
      break;
    case Job::Kind::keep_notes:
      turn.arguments.emplace_back("description", "Notes in a Git repository");
      break;
    case Job::Kind::write_comparison:
      turn.arguments.emplace_back("description", "SQLite and PostgreSQL compared for a small web shop");
      break;
    default:
      break;
  }
  turn.arguments.emplace_back("prompt", prompt_for(job));
  turn.arguments.emplace_back("confidence", std::move(confidence));
  turn.arguments.emplace_back("reason", std::move(reason));
  return turn;
}

Turn no_such_project(const Job& job) {
  if (job.kind == Job::Kind::restyle_countdown) {
    return say(
        "There is no countdown page in this chat to recolour. Ask me to \"make a web page that counts down "
        "to New Year\" first. (I am a scripted demo and know no other page.)");
  }
  return say(
      "There is no task API in this chat to add this to. Ask me to \"build me a small REST API for tasks in "
      "Python\" first. (I am a scripted demo and know no other program.)");
}

/// One turn of the secretary.
class Secretary {
 public:
  Secretary(const Conversation& conversation, const base::Clock& clock)
      : conversation_(conversation),
        clock_(clock),
        text_(conversation.last_user_text()),
        words_(text_),
        projects_(conversation) {}

  Turn turn() const {
    if (const auto report = specialist_report(text_)) {
      return summary(*report);
    }
    if (!conversation_.items.empty() && conversation_.items.back().kind == Item::Kind::tool_result) {
      return after_tool(conversation_.items.back());
    }
    if (conversation_.offers("set_reminder")) {
      if (auto reminder = remind(text_, clock_.now())) {
        return *std::move(reminder);
      }
    }
    if (auto answer = about_memory(text_, words_, conversation_)) {
      return *answer;
    }
    if (auto answer = look_up(text_, clock_.now(), zone_in(conversation_.context))) {
      return say(*answer);
    }
    if (words_.has_any({"cancel", "abort"}) || words_.begins_with_any({"stop"})) {
      if (auto answer = cancel()) {
        return *answer;
      }
    }
    if (const auto job = wanted(); job.kind != Job::Kind::none) {
      return work(job);
    }
    if (words_.has("sqlite") && words_.has_any({"postgres", "postgresql"})) {
      return short_comparison();
    }
    if (auto answer = about_projects()) {
      return *answer;
    }
    if (auto answer = small_talk(words_)) {
      return *answer;
    }
    if (words_.is_any({"no", "no thanks", "not now", "never mind", "nevermind", "leave it", "dont"})) {
      return say("All right, I'll leave it.");
    }
    return unknown_request();
  }

 private:
  /// The job in the last text; where it only agrees ("yes, go ahead"), the one in the text that was asked
  /// about.
  Job wanted() const {
    if (!agrees()) {
      return job_in(text_);
    }
    bool asked = false;
    bool before = false;  // the text that agrees
    for (auto item = conversation_.items.rbegin(); item != conversation_.items.rend(); ++item) {
      if (item->kind == Item::Kind::assistant_text) {
        asked = asked || (before && item->text.find('?') != std::string::npos);
      } else if (item->kind == Item::Kind::user_text && before) {
        return asked ? job_in(item->text) : Job{};
      } else if (item->kind == Item::Kind::user_text) {
        before = true;
      }
    }
    return {};
  }

  bool agrees() const {
    return words_.is_any({"yes", "yes please", "yes do it", "yes go ahead", "go ahead", "do it", "please do",
                          "ok", "okay", "sure", "ok do it", "yep", "yes please do", "ok go ahead",
                          "sure go ahead"}) &&
           conversation_.items.size() > 1;
  }

  Turn work(const Job& job) const {
    if (!conversation_.offers("dispatch")) {
      return without_specialist(job);
    }
    switch (job.kind) {
      case Job::Kind::build_task_api:
        return propose(job, "run", "task-api", "high",
                       "This means writing a program with several files and tests.");
      case Job::Kind::build_countdown:
        return propose(job, "run", "new-year-countdown", "high", "This means writing a web page.");
      case Job::Kind::keep_notes:
        return propose(job, "run", "notes", "high", "This means writing a file and running a command.");
      case Job::Kind::write_comparison:
        return propose(job, "run", "sqlite-vs-postgresql", agrees() ? "high" : "medium",
                       agrees() ? "The person agreed to have the report written."
                                : "The person wants a report; a short answer may be enough.");
      case Job::Kind::review:
        if (const auto slug = meant({"review it", "review that", "review this", "review the project",
                                     "review the code", "review my project", "review your work"})) {
          return propose(job, "review", *slug, "high",
                         "The person wants an independent review of a project.");
        }
        return unknown_request();
      case Job::Kind::proceed:
        if (const auto slug = meant({"continue", "go on", "resume", "carry on", "keep going", "left off"})) {
          return propose(job, "resume", *slug, "high",
                         "The person wants this project's last session continued.");
        }
        return unknown_request();
      default:
        return extend(job);
    }
  }

  Turn extend(const Job& job) const {
    constexpr const char* kReason = "It changes what this project's last session wrote.";
    if (const auto slug = slug_beginning_with(conversation_.context, slug_of(job.kind))) {
      return propose(job, "resume", *slug, "high", kReason);
    }
    if (conversation_.offers("list_projects")) {
      return {"", "list_projects", {}};
    }
    const auto slug = projects_.beginning_with(slug_of(job.kind));
    return slug ? propose(job, "resume", *slug, "high", kReason) : no_such_project(job);
  }

  Turn without_specialist(const Job& job) const {
    if (job.kind == Job::Kind::write_comparison) {
      return short_comparison();
    }
    if (job.kind == Job::Kind::review) {
      return say(
          "Reviews are the specialist's job, so none was done. I am a scripted demo and cannot judge code.");
    }
    return say(
        "That is a job for the specialist, and it was not handed over: nothing was written or changed. I am "
        "a scripted demo and do not write programs myself. Ask again if you want it done.");
  }

  /// The project that the text names, or the latest where it only says one of the phrases.
  std::optional<std::string> meant(std::initializer_list<std::string_view> phrases) const {
    auto slug = projects_.named_in(text_);
    return slug || !words_.has_any(phrases) ? slug : projects_.latest();
  }

  std::optional<Turn> cancel() const {
    const bool unnamed =
        words_.is_any({"cancel", "cancel it", "cancel that", "cancel please", "please cancel",
                       "please cancel it", "cancel the project", "cancel the task", "cancel the run", "stop",
                       "stop it", "stop that", "abort", "abort it"});
    const auto slug = unnamed ? projects_.latest() : projects_.named_in(text_);
    if (!slug) {
      return unnamed ? std::optional(say("There is no project in this chat to cancel.")) : std::nullopt;
    }
    if (!conversation_.offers("cancel_dispatch")) {
      return say("I cannot cancel anything right now. Nothing was changed.");
    }
    return Turn{"", "cancel_dispatch", {{"slug", *slug}}};
  }

  std::optional<Turn> about_projects() const {
    const bool files =
        words_.has_any({"where are the files", "where is the file", "where are my files", "where is it",
                        "what you wrote", "what did you write", "what have you written", "which files",
                        "what was written", "show me the files", "where can i find", "where did you"});
    const bool progress = words_.has_any({"status", "going", "progress", "how far", "is it done", "finished",
                                          "ready", "doing", "done yet", "how is"});
    const auto slug = projects_.named_in(text_);
    if (words_.has_any({"search", "find"}) && words_.has_any({"project", "projects"}) &&
        conversation_.offers("search_projects")) {
      if (const auto query = search_query(); !query.empty()) {
        return Turn{"", "search_projects", {{"query", query}}};
      }
    }
    if (slug && (files || progress)) {
      return status_of(*slug);
    }
    if (files || words_.has_any({"is it done", "done yet", "hows it going", "how far is it"})) {
      if (const auto latest = projects_.latest()) {
        return status_of(*latest);
      }
      return list();
    }
    if (words_.has("projects") ||
        words_.is_any({"status", "status please", "whats the status", "what is the status"}) ||
        words_.has_any({"my project", "any project"})) {
      return list();
    }
    return std::nullopt;
  }

  Turn status_of(const std::string& slug) const {
    return conversation_.offers("project_status") ? Turn{"", "project_status", {{"slug", slug}}}
                                                  : how_to_find_out();
  }

  Turn list() const {
    return conversation_.offers("list_projects") ? Turn{"", "list_projects", {}} : how_to_find_out();
  }

  Turn how_to_find_out() const {
    const auto report = projects_.last_report();
    const std::string how =
        "Every project has its own folder, named after it, in the projects folder. `frontdesk list` shows "
        "them all, `frontdesk status --slug NAME` the last result of one.";
    return say(report ? "The last report in this chat was:\n\n" + *report + "\n\n" + how : how);
  }

  /// What follows "for" in "search my projects for x".
  std::string search_query() const {
    std::string query;
    bool after_for = false;
    for (const auto& word : words_.list()) {
      if (after_for) {
        query += (query.empty() ? "" : " ") + word;
      }
      after_for = after_for || word == "for" || word == "about" || word == "with";
    }
    return query;
  }

  Turn after_tool(const Item& result) const {
    const std::string text(base::trim(result.text));
    if (result.tool == "dispatch") {
      return say(result.is_error ? "The specialist could not be started: " + text
                                 : "The specialist has the task now.");
    }
    if (result.is_error) {
      return say("That did not work: " + without_orders(text));
    }
    if (auto answer = after_memory_tool(result, conversation_)) {
      return *answer;
    }
    if (result.tool == "list_projects") {
      const auto job = wanted();
      if (is_extension(job.kind)) {
        const auto slug = slug_beginning_with(text, slug_of(job.kind));
        return slug && conversation_.offers("dispatch")
                   ? propose(job, "resume", *slug, "high",
                             "It changes what this project's last session wrote.")
                   : no_such_project(job);
      }
      if (text.empty() || Words(text).has("no projects") || text == "[]") {
        return say(
            "There are no projects in this chat yet. I can start one: \"build me a small REST API for tasks "
            "in Python\".");
      }
      return say("The projects in this chat:\n\n" + text);
    }
    if (result.tool == "set_reminder") {
      return say(reminder_set(text));
    }
    if (result.tool == "list_reminders") {
      return say("What I am to remind you of:\n\n" + text);
    }
    if (result.tool == "project_status") {
      return say("Here is the status:\n\n" + text);
    }
    if (result.tool == "search_projects") {
      return say("The search found:\n\n" + text);
    }
    return say(text.empty() ? "The tool returned nothing." : text);
  }

  const Conversation& conversation_;
  const base::Clock& clock_;
  std::string text_;
  Words words_;
  Projects projects_;
};

}  // namespace

Turn secretary_turn(const Conversation& conversation, const base::Clock& clock) {
  return Secretary(conversation, clock).turn();
}

}  // namespace bot::demo
