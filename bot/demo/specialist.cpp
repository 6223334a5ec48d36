#include "bot/demo/specialist.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "bot/demo/jobs.h"
#include "bot/demo/workspace.h"

namespace bot::demo {
namespace {

constexpr const char* kNotRun =
    "I ran nothing: this scripted demo does not run programs, so try it before you rely on it.";

/// A file as the job wants it.
struct Target {
  std::string path;  ///< relative to the project folder
  std::string content;
  std::string before;  ///< said before writing it
  std::string about;   ///< its line in the final text
};

struct Plan {
  std::vector<Target> targets;
  std::string command = {};  ///< run after them; a person has to allow it
  std::string done;          ///< begins the final text where something was written
  std::string closing;       ///< ends it
  std::string already;       ///< the final text where there was nothing to write
};

std::string feature_words(TaskApiFeatures features) {
  if (features.pagination && features.search) {
    return "pagination and the search by title";
  }
  return features.pagination ? "pagination" : "the search by title";
}

std::string usage_words(TaskApiFeatures features) {
  if (features.pagination && features.search) {
    return "`GET /tasks?search=milk&page=1&per_page=20`";
  }
  return features.pagination ? "`GET /tasks?page=1&per_page=20`" : "`GET /tasks?search=milk`";
}

Plan task_api_plan(const Job& job, TaskApiFeatures before, bool extends) {
  const TaskApiFeatures features{before.pagination || job.features.pagination,
                                 before.search || job.features.search};
  Plan plan;
  plan.targets.push_back(
      {"app.py", task_api_app(features),
       extends ? "Now I'll rewrite app.py with " + feature_words(job.features) + "."
               : "I'll start with the server itself: app.py.",
       extends ? "now with " + usage_words(job.features)
               : "the server: create, read, change and delete tasks, with checks and JSON errors"});
  plan.targets.push_back({"test_app.py", std::string(task_api_test()),
                          "Next the tests, which start the real server on a free port.",
                          "tests of every request and its errors"});
  if (features.pagination) {
    plan.targets.push_back({"test_pagination.py", std::string(task_api_pagination_test()),
                            "Pagination gets its own tests.",
                            "tests of `page` and `per_page` (20 by default, at most 100)"});
  }
  if (features.search) {
    plan.targets.push_back({"test_search.py", std::string(task_api_search_test()),
                            "Search gets its own tests.", "tests of `?search=`"});
  }
  plan.targets.push_back({"README.md", task_api_readme(features),
                          extends ? "The README should mention it, too." : "Finally, a README with examples.",
                          "how to start it, the requests, examples with curl"});
  plan.done = extends ? "I added " + feature_words(job.features) + " to the task API. Files written:"
                      : "The task API is ready, in plain Python without any packages. Files written:";
  plan.closing =
      "Start it with `python3 app.py`, test it with `python3 -m unittest`. " + std::string(kNotRun);
  plan.already = extends ? "`app.py` already has " + feature_words(job.features) + ", so I changed nothing."
                         : "The task API is already written in this project, so I changed nothing.";
  return plan;
}

Plan countdown_plan(const Job& job) {
  const std::string name(theme_name(job.theme));
  Plan plan;
  const bool restyles = job.kind == Job::Kind::restyle_countdown;
  plan.targets.push_back(
      {"index.html", countdown_page(job.theme),
       restyles ? "Now I'll change the colours in its `:root` block to " + name + "."
                : "I'll write the page as one file, with styles and script included.",
       restyles
           ? "only the colours in the `:root` block changed"
           : "days, hours, minutes and seconds to New Year, a bar for the year gone by, and confetti on 1 "
             "January"});
  plan.done = restyles ? "The countdown page is " + name + " now. File changed:"
                       : "The countdown page is ready, in " + name + " colours. File written:";
  plan.closing =
      "Open `index.html` in a browser; it needs no server and no network. I have not looked at it: this "
      "scripted demo does not run programs.";
  plan.already = "The page is " + name + " already, so I changed nothing.";
  return plan;
}

Plan comparison_plan() {
  Plan plan;
  plan.targets.push_back({"report.md", std::string(comparison_report()),
                          "I'll write the comparison to report.md.",
                          "summary, a table side by side, what matters for a shop, recommendation"});
  plan.done = "The comparison is ready. File written:";
  plan.closing =
      "In short: SQLite for one program on one server with little upkeep; PostgreSQL if several servers or "
      "programs write, or you expect to grow. The report is general knowledge prepared for this scripted "
      "demo; nothing was measured.";
  plan.already = "`report.md` is already written, so I changed nothing.";
  return plan;
}

constexpr const char* kNotesReadme =
    "# Notes\n\nOne file for each subject, in Markdown, named after it: `ideas.md`, `reading.md`.\n\n"
    "Save a change with a line that says why:\n\n```\ngit add -A\ngit commit -m \"Note what I read\"\n```\n";

Plan notes_plan() {
  Plan plan;
  plan.targets.push_back({"README.md", kNotesReadme, "First a README that says how the notes are kept.",
                          "how the notes are kept"});
  plan.command = "git init";
  plan.done = "Your notes have a home. File written:";
  plan.already = "`README.md` is already written, so I did not write it again.";
  return plan;
}

/// What became of the last command that was run from item `begin` on; nothing where none was.
const Item* command_result(const std::vector<Item>& items, std::size_t begin) {
  const Item* last = nullptr;
  for (std::size_t i = begin; i < items.size(); ++i) {
    if (items[i].kind == Item::Kind::tool_result && items[i].tool == "Bash") {
      last = &items[i];
    }
  }
  return last;
}

/// The task in force: the last text that asks for more than to go on.
struct Task {
  Job job;
  std::size_t begin = 0;  ///< index of its text
};

Task task_of(const std::vector<Item>& items) {
  Task task;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].kind != Item::Kind::user_text) {
      continue;
    }
    const auto job = job_in(items[i].text);
    if (job.kind != Job::Kind::proceed) {
      task = {job, i};
    }
  }
  return task;
}

Turn say(std::string text) {
  return {std::move(text), {}, {}};
}

Turn nothing_done() {
  return say(
      "This is a scripted demo model, and it has no script for this task: nothing was done and no file was "
      "changed. It can write a task API in Python (then add pagination or a search by title), a New Year "
      "countdown page (then change its colours), a comparison of SQLite and PostgreSQL, and a Git repository "
      "for notes. With "
      "ANTHROPIC_API_KEY set, the real specialist does the work.");
}

/// Steps to bring the files to what the plan wants, one per turn.
class Worker {
 public:
  Worker(const Conversation& conversation, const Task& task, const Plan& plan)
      : conversation_(conversation),
        plan_(plan),
        before_(conversation.items, task.begin),
        files_(conversation.items, conversation.items.size()),
        begin_(task.begin),
        window_(last_user_text(conversation.items)) {}

  Turn next() const {
    for (const auto& target : plan_.targets) {
      const auto known = files_.content(target.path);
      if (known != target.content) {
        return bring(target, known);
      }
    }
    const auto* const ran = command_result(conversation_.items, begin_);
    if (!plan_.command.empty() && ran == nullptr) {
      return {"Now the repository. I have to ask before I run a command.",
              "Bash",
              {{"command", plan_.command}, {"description", "Make this folder a Git repository"}}};
    }
    auto turn = final_turn();
    if (ran != nullptr) {
      const auto said = std::string(base::trim(base::ellipsize(ran->text, 400)));
      turn.text +=
          (ran->is_error ? "\nThe command did not run or failed: " : "\nThe command ran and said: ") + said;
    }
    return turn;
  }

 private:
  static std::size_t last_user_text(const std::vector<Item>& items) {
    std::size_t last = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      last = items[i].kind == Item::Kind::user_text ? i : last;
    }
    return last;
  }

  Turn bring(const Target& target, const std::optional<std::string>& known) const {
    const auto attempts = attempts_at(conversation_.items, window_, target.path);
    if (!attempts.failures.empty()) {
      const auto& failure = attempts.failures.back();
      // Claude Code overwrites a file only after having read it as it is now.
      const bool wants_reading = failure.text.find("been read") != std::string::npos ||
                                 failure.text.find("since read") != std::string::npos ||
                                 failure.text.find("Read it") != std::string::npos;
      if (!wants_reading || attempts.failures.size() > 1) {
        return stopped_by(target, failure.text);
      }
      if (attempts.read_at && *attempts.read_at > failure.at) {
        return change(target, known);
      }
      return read(target, "There is a file `" + target.path + "` already; I'll read it before replacing it.");
    }
    if (!known) {
      return change(target, known);
    }
    if (!attempts.read_at) {
      return read(target, "First I'll read `" + target.path + "` as it is.");
    }
    if (const auto seen = numbered_text(attempts.read_text);
        seen && base::trim(*seen) != base::trim(*known) && !can_edit(*known, *seen)) {
      return say(
          "`" + target.path + "` has been changed since I wrote it. The scripted demo can only replace it " +
          "with its own version, which would lose those changes, so I left it as it is." + written_so_far());
    }
    return change(target, attempts.read_failed ? std::nullopt : known);
  }

  /// Whether an edit of the colours keeps what somebody else changed in the page.
  static bool can_edit(const std::string& known, const std::string& seen) {
    const auto css = theme_css_in(known);
    return !css.empty() && css == theme_css_in(seen);
  }

  Turn read(const Target& target, std::string text) const {
    return {std::move(text), "Read", {{"file_path", absolute(target.path)}}};
  }

  /// Writes the whole file; for the page's colours an edit is enough.
  Turn change(const Target& target, const std::optional<std::string>& known) const {
    if (known && target.path == "index.html") {
      const auto old_css = theme_css_in(*known);
      const auto new_css = theme_css_in(target.content);
      if (!old_css.empty() && !new_css.empty()) {
        return {target.before,
                "Edit",
                {{"file_path", absolute(target.path)},
                 {"old_string", std::string(old_css)},
                 {"new_string", std::string(new_css)}}};
      }
    }
    return {target.before, "Write", {{"file_path", absolute(target.path)}, {"content", target.content}}};
  }

  Turn stopped_by(const Target& target, const std::string& error) const {
    return say("I could not write `" + target.path +
               "`: " + std::string(base::trim(base::ellipsize(error, 300))) + "\n\nI stopped there." +
               written_so_far());
  }

  std::string written_so_far() const {
    std::string names;
    for (const auto& target : plan_.targets) {
      if (written(target)) {
        names += (names.empty() ? "`" : ", `") + target.path + "`";
      }
    }
    return names.empty() ? " Nothing was written." : " Written before that: " + names + ".";
  }

  /// Whether this task changed the file.
  bool written(const Target& target) const { return files_.last_change(target.path).value_or(0) > begin_; }

  Turn final_turn() const {
    std::string list;
    for (const auto& target : plan_.targets) {
      if (written(target)) {
        const bool replaced = files_.replaced(target.path) && !before_.content(target.path);
        list += "- `" + target.path + "`: " + target.about +
                (replaced ? " (a file of that name was there; it is replaced)" : "") + "\n";
      }
    }
    return say(list.empty() ? plan_.already : plan_.done + "\n\n" + list + "\n" + plan_.closing);
  }

  std::string absolute(const std::string& path) const {
    const auto& folder = conversation_.working_directory;
    return folder.empty() ? path : folder + (folder.ends_with('/') ? "" : "/") + path;
  }

  const Conversation& conversation_;
  const Plan& plan_;
  Files before_;
  Files files_;
  std::size_t begin_;
  std::size_t window_;  ///< what was read before the last text of a person may be out of date
};

TaskApiFeatures features_in(std::string_view app) {
  return {app.find("DEFAULT_PER_PAGE") != std::string_view::npos,
          app.find("instr(lower(title)") != std::string_view::npos};
}

}  // namespace

Turn specialist_turn(const Conversation& conversation) {
  const auto task = task_of(conversation.items);
  const Files before(conversation.items, task.begin);
  Plan plan;
  switch (task.job.kind) {
    case Job::Kind::none:
    case Job::Kind::proceed:
      return nothing_done();
    case Job::Kind::review:
      return say(
          "This is a scripted demo model. It cannot judge what is in the project, so no review was done and "
          "nothing was changed. With ANTHROPIC_API_KEY set, the real specialist reviews it.");
    case Job::Kind::build_task_api:
      plan = task_api_plan(task.job, features_in(before.content("app.py").value_or("")), false);
      break;
    case Job::Kind::extend_task_api: {
      const auto app = before.content("app.py");
      if (!app) {
        return say(
            "I have not written an `app.py` in this conversation, so there is nothing I could add " +
            feature_words(task.job.features) +
            " to. The scripted demo extends only the task API that it wrote itself. Nothing was changed.");
      }
      plan = task_api_plan(task.job, features_in(*app), true);
      break;
    }
    case Job::Kind::build_countdown:
      plan = countdown_plan(task.job);
      break;
    case Job::Kind::restyle_countdown:
      if (!before.content("index.html")) {
        return say(
            "I have not written an `index.html` in this conversation, so there is no page whose colours I "
            "could change. The scripted demo changes only the countdown page that it wrote itself. Nothing "
            "was changed.");
      }
      plan = countdown_plan(task.job);
      break;
    case Job::Kind::write_comparison:
      plan = comparison_plan();
      break;
    case Job::Kind::keep_notes:
      plan = notes_plan();
      break;
  }
  return Worker(conversation, task, plan).next();
}

}  // namespace bot::demo
