// Files that people attach, and files that they are sent, with a chat service played by the test.
#include <map>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "bot/chat/message_parts.h"
#include "bot/messages/attachments.h"
#include "bot/messages/delivery.h"
#include "bot/messages/files_out.h"
#include "bot/runs/dispatch_run.h"
#include "bot/texts/files.h"
#include "bot/turns/turn.h"
#include "dispatch/project/files.h"
#include "store/job_queue.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

using support::contains;

namespace fs = std::filesystem;

namespace {

class FakePlatform final : public bot::chat::Platform, public bot::chat::FetchesFiles {
 public:
  std::string deliver(const store::OutgoingCall& call, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    calls.push_back(call);
    if (call.post.file && refuses_files) {
      throw base::PermanentError("it is of a kind that is not taken");
    }
    return "ext";
  }
  bot::chat::Features features() const override { return {.sends_files = takes_files}; }
  void fetch(const std::string& handle, std::uint64_t max_bytes,
             const std::function<void(std::string_view)>& sink, std::stop_token) override {
    fetched.push_back(handle);
    if (failures > 0) {
      --failures;
      sink("half of");
      throw base::TransientError("503");
    }
    if (on_fetch) {
      on_fetch();
    }
    const auto it = files.find(handle);
    if (it == files.end()) {
      throw base::PermanentError("the service has it no longer");
    }
    if (it->second.size() > max_bytes && minds_limit) {
      throw base::PermanentError("it is larger than allowed");
    }
    sink(it->second);
  }

  std::map<std::string, std::string> files;
  std::vector<std::string> fetched;
  int failures = 0;
  bool minds_limit = true;
  std::function<void()> on_fetch;
  bool takes_files = true;
  bool refuses_files = false;
  std::vector<store::OutgoingCall> calls;
};

/// Keeps its tasks, and does as the test says.
class FakeSpecialist final : public dispatch::Specialist {
 public:
  dispatch::Report run(const dispatch::Task& task,
                       const std::function<void(const dispatch::Event&)>& on_event,
                       std::stop_token stop) override {
    tasks.push_back(task);
    on_event({dispatch::Event::Kind::session_begun, {}, task.session_id});
    dispatch::Report report;
    report.outcome = dispatch::Outcome::success;
    report.text = "Done as asked.";
    report.session_id = task.session_id;
    if (work) {
      work(task);
    }
    if (stop.stop_requested()) {
      report.outcome = dispatch::Outcome::cancelled;
    }
    return report;
  }
  dispatch::Readiness check() override { return {true, "fake"}; }
  std::optional<std::string> cannot(const dispatch::Task&) const override { return std::nullopt; }
  Abilities abilities() const override { return {.additions = true}; }
  const std::string& name() const override { return name_; }
  const std::string& about() const override { return name_; }

  std::vector<dispatch::Task> tasks;
  std::function<void(const dispatch::Task&)> work;

 private:
  const std::string name_ = "claude-code";
};

struct Fixture : support::ServicesFixture {
  FakePlatform* platform = nullptr;
  FakeSpecialist* specialist = new FakeSpecialist;
  const dispatch::Specialists own{std::unique_ptr<dispatch::Specialist>(specialist)};
  bot::runtime::Services mine{settings,  clock, policy_holder, model,   secretary, own,
                              platforms, runs,  slots,         metrics, notifier,  stopping};
  store::Attachments attachments{db};
  store::Outbox outbox{db};
  store::JobQueue queue{db};
  store::DispatchLog log{db};
  bot::messages::FilesOut files_out{mine, db};
  const fs::path projects = folder.path() / "projects";

  Fixture() {
    auto owned = std::make_unique<FakePlatform>();
    platform = owned.get();
    platforms["web"] = std::move(owned);
    settings.dispatch.projects_dir = projects;
    policy.repair_buttons["web"] = false;  // so that the buttons are those of files
    policy_holder.with([&](auto& held) { held = std::make_shared<const bot::runtime::Policy>(policy); });
  }

  store::AttachmentId attach(const std::string& name, const std::string& content,
                             const std::string& words = "") {
    store::Attachment a;
    a.message = say(words);
    a.handle = "handle-of-" + name;
    a.name = name;
    a.media_type = "text/plain";
    platform->files[a.handle] = content;
    return attachments.add(a);
  }

  /// Orders work on the project, with the note that shows it.
  store::DispatchId order(const store::Project& project,
                          store::DispatchAction action = store::DispatchAction::run) {
    const auto id = dispatch(project, action);
    log.set_note(id, outbox.post(conversation, {"On it", {}, {}, id}, clock.now()));
    queue.enqueue(bot::runtime::kDispatchJob, project.id.value, id.value, clock.now());
    return id;
  }
  void run_next() {
    const auto job = queue.claim(bot::runtime::kDispatchJob, clock.now());
    REQUIRE(job);
    bot::runtime::RunSlots::Place place(slots, {});
    bot::runs::DispatchRun(mine, db, *job, place).run({});
  }
  store::Message note(store::DispatchId id) {
    return store::Conversations(db).message(log.dispatch(id).note);
  }
  const std::string& prompt() const { return specialist->tasks.back().prompt; }

  /// Makes all calls that are due.
  void deliver() {
    while (const auto job = queue.claim("deliver:web", clock.now())) {
      bot::messages::deliver(mine, db, *job, {});
    }
  }
  fs::path in_project(const std::string& slug, const std::string& path, const std::string& text) const {
    return folder.write("projects/" + slug + "/" + path, text);
  }
};

TEST_CASE("sizes are told in round figures") {
  CHECK(bot::texts::file_size(0) == "0 bytes");
  CHECK(bot::texts::file_size(999) == "999 bytes");
  CHECK(bot::texts::file_size(120'400) == "120 kB");
  CHECK(bot::texts::file_size(999'900) == "1.0 MB");
  CHECK(bot::texts::file_size(20'000'000) == "20.0 MB");
}

TEST_CASE_FIXTURE(Fixture, "the model is told what was attached, also without words") {
  store::Attachment a{{}, say(""), "h-1", "plan.pdf", "application/pdf", 120'000};
  attachments.add(a);
  attachments.add({{}, a.message, "h-2", "", "", {}});
  queue.enqueue(bot::runtime::kTurnJob, conversation.id.value, a.message.value, clock.now());
  model.will_say("I see a file.");
  bot::turns::Turn(mine, db, *queue.claim(bot::runtime::kTurnJob, clock.now())).run({});
  REQUIRE(model.requests.size() == 1);
  const auto& told = model.requests[0].messages.back().content.front();
  CHECK(std::get<llm::Text>(told).text ==
        "[Attached: plan.pdf (application/pdf, 120 kB)]\n[Attached: a file without a name]");
  CHECK(store::Conversations(db).message(a.message).text.empty());
}

TEST_CASE_FIXTURE(Fixture, "files that wait are in the folder before the specialist begins, which is told") {
  attach("../plan.txt", "the plan", "see this");
  attach("plan.txt", "another");
  std::string seen;
  specialist->work = [&](const dispatch::Task& task) {
    seen = base::read_file(task.folder / "attachments" / "plan.txt");
    folder.write("projects/site/attachments/made.txt", "made");
  };
  const auto id = order(project("site"));
  run_next();
  CHECK(seen == "the plan");
  CHECK(contains(prompt(),
                 "do it\n\nThe person attached: attachments/plan.txt (text/plain, 8 bytes)\n"
                 "The person attached: attachments/plan-2.txt (text/plain, 7 bytes)"));
  const auto text = note(id).text;
  CHECK(contains(text, "Created `attachments/made.txt`"));
  CHECK_FALSE(contains(text, "plan"));
}

TEST_CASE_FIXTURE(Fixture, "a run that is begun again fetches nothing twice and is told of all files") {
  attach("plan.txt", "the plan");
  const auto site = project("site");
  const auto id = order(site);
  specialist->work = [&](const auto&) {
    stopping = true;
    runs.stop_all();
  };
  run_next();
  REQUIRE(log.dispatch(id).state == store::DispatchState::queued);
  stopping = false;
  attach("late.txt", "late");
  specialist->work = {};
  run_next();
  CHECK(platform->fetched == std::vector<std::string>{"handle-of-plan.txt", "handle-of-late.txt"});
  CHECK(contains(prompt(), "attachments/plan.txt"));
  CHECK(contains(prompt(), "attachments/late.txt"));
  CHECK(contains(note(id).text, "No files changed"));
  order(site);
  run_next();
  CHECK(platform->fetched.size() == 2);
  CHECK_FALSE(contains(prompt(), "attached"));
}

TEST_CASE_FIXTURE(Fixture,
                  "what is said to a run goes into it, but waits for a run of its own where it has files") {
  const auto site = project("site");
  order(site);
  const auto plain = order(site, store::DispatchAction::resume);
  const auto with_file = order(site, store::DispatchAction::resume);
  store::Attachment a;
  a.message = log.decision(log.dispatch(with_file).decision).message;
  a.handle = "handle-of-logo.png";
  a.name = "logo.png";
  attachments.add(a);
  platform->files[a.handle] = "PNG";
  std::string shown;
  specialist->work = [&](const auto&) { shown = note(plain).text + "\n" + note(with_file).text; };
  run_next();
  CHECK(contains(shown, "Adding this to the task"));
  CHECK(shown.ends_with("\nOn it"));
  CHECK(platform->fetched.empty());
  specialist->work = {};
  run_next();
  CHECK(platform->fetched.empty());
  run_next();
  CHECK(contains(prompt(), "attachments/logo.png"));
}

TEST_CASE_FIXTURE(Fixture, "a file that cannot be had stops nothing, and both are told why") {
  settings.dispatch.max_attachment_bytes = 1 << 20;
  attach("large.bin", std::string((1 << 20) + 1, 'x'));
  attach("gone.txt", "");
  platform->files.erase("handle-of-gone.txt");
  attach("good.txt", "good");
  const auto id = order(project("site"));
  platform->minds_limit = false;
  run_next();
  CHECK(contains(prompt(),
                 "a file that is not here. The attached file `large.bin` could not be fetched: it is larger "
                 "than 1 MB."));
  CHECK(contains(prompt(), "The person attached: attachments/good.txt"));
  CHECK(
      contains(note(id).text, "The attached file `large.bin` could not be fetched: it is larger than 1 MB."));
  CHECK(contains(note(id).text, "`gone.txt` could not be fetched: the service has it no longer."));
  CHECK(contains(note(id).text, "**Done: site.**"));
  CHECK_FALSE(fs::exists(projects / "site" / "attachments" / "large.bin"));
}

TEST_CASE_FIXTURE(Fixture, "an attachments folder that leads elsewhere gets nothing") {
  const support::TemporaryFolder outside;
  fs::create_directories(projects / "site");
  fs::create_symlink(outside.path(), projects / "site" / "attachments");
  attach("plan.txt", "the plan");
  const auto id = order(project("site"));
  run_next();
  CHECK(fs::is_empty(outside.path()));
  CHECK(contains(note(id).text, "`attachments` in the project is not a folder"));
}

TEST_CASE_FIXTURE(Fixture, "where no files are taken none is fetched") {
  settings.dispatch.max_attachment_bytes = 0;
  attach("plan.txt", "the plan");
  const auto id = order(project("site"));
  run_next();
  CHECK(platform->fetched.empty());
  CHECK(contains(note(id).text, "files are not accepted here"));
}

struct FetchFixture : Fixture {
  const store::DispatchRecord record = log.dispatch(dispatch(project("site")));
  std::stop_source stop;
  bot::messages::AttachmentFetch::Limits limits{1'000, 0, std::chrono::milliseconds(1)};
  FetchFixture() { fs::create_directories(projects / "site"); }
  std::vector<store::Attachment> fetch() {
    bot::messages::AttachmentFetch(db, platform, limits)
        .run(record, projects / "site", clock.now(), stop.get_token());
    return attachments.taken_by(record.id);
  }
};

TEST_CASE_FIXTURE(FetchFixture,
                  "a service that is down for a moment is asked again, and the half is forgotten") {
  attach("plan.txt", "the plan");
  platform->failures = 2;
  CHECK(fetch().at(0).path == "attachments/plan.txt");
  CHECK(platform->fetched.size() == 3);
  CHECK(base::read_file(projects / "site" / "attachments" / "plan.txt") == "the plan");
}

TEST_CASE_FIXTURE(FetchFixture, "a service that stays down is given up soon") {
  attach("plan.txt", "the plan");
  attach("more.txt", "more");
  platform->failures = 100;
  const auto taken = fetch();
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].problem == "the chat service is not sending it right now");
  CHECK(taken[1].problem == taken[0].problem);
  CHECK(platform->fetched.size() == 4);
  CHECK(fs::is_empty(projects / "site" / "attachments"));
}

TEST_CASE_FIXTURE(FetchFixture, "all files of a dispatch together have a limit, too") {
  for (const char* name : {"1", "2", "3", "4", "5", "6"}) {
    attach(name, std::string(900, *name));
  }
  const auto taken = fetch();
  REQUIRE(taken.size() == 6);
  CHECK(taken[4].problem.empty());
  CHECK_FALSE(taken[5].problem.empty());
}

TEST_CASE_FIXTURE(FetchFixture, "a nearly full disk takes no files") {
  limits.keep_free = 1ULL << 60;
  attach("plan.txt", "the plan");
  CHECK(fetch().at(0).problem == "the server's disk is nearly full");
  CHECK(platform->fetched.empty());
}

TEST_CASE_FIXTURE(FetchFixture, "what is not fetched when the run is stopped goes on waiting") {
  attach("one.txt", "one");
  attach("two.txt", "two");
  platform->on_fetch = [&] { stop.request_stop(); };
  CHECK(fetch().size() == 1);
  CHECK(bot::messages::waiting_attachments(db, record, clock.now()).size() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "documents near the top are offered before sources, and nothing of a tool's folders") {
  std::vector<dispatch::FileChange> changes;
  using Kind = dispatch::FileChange::Kind;
  for (const char* path :
       {"main.py", "report.pdf", "out/data.csv", "a/b/c/deep.pdf", "node_modules/x/readme.md",
        "__pycache__/a.pyc", ".env", ".git/x.md", "app.js", "CLAUDE.md"}) {
    in_project("site", path, "x");
    changes.push_back({Kind::created, path});
  }
  in_project("site", "empty.pdf", "");
  changes.push_back({Kind::created, "empty.pdf"});
  changes.push_back({Kind::created, "gone.pdf"});
  changes.push_back({Kind::deleted, "old.pdf"});
  fs::create_symlink("/etc/passwd", projects / "site" / "link.pdf");
  changes.push_back({Kind::created, "link.pdf"});
  CHECK(bot::messages::likely_wanted(projects / "site", changes, 3) ==
        std::vector<std::string>{"report.pdf", "out/data.csv", "app.js"});
  CHECK(bot::messages::likely_wanted(projects / "site", changes, 100) ==
        std::vector<std::string>{"report.pdf", "out/data.csv", "app.js", "main.py", "a/b/c/deep.pdf"});
}

TEST_CASE_FIXTURE(Fixture, "what a run made is offered by buttons and sent at a click") {
  specialist->work = [&](const auto&) { in_project("site", "report.pdf", "%PDF-\x01"); };
  const auto id = order(project("site"));
  run_next();
  const auto buttons = note(id).buttons;
  REQUIRE(buttons.size() == 1);
  CHECK(buttons[0].label == "Send report.pdf");
  const auto click = store::Conversations(db).add_incoming(conversation.id, person.id, "m-c", "",
                                                           buttons[0].id, clock.now());
  queue.enqueue(bot::runtime::kQuickTurnJob, conversation.id.value, click.value, clock.now());
  bot::turns::Turn(mine, db, *queue.claim(bot::runtime::kQuickTurnJob, clock.now())).run({});
  deliver();
  const auto& post = platform->calls.back().post;
  CHECK(post.text == "Here is `report.pdf` from *site* (6 bytes).");
  REQUIRE(post.file);
  CHECK(post.file->name == "report.pdf");
  CHECK(post.file->content == "%PDF-\x01");
}

TEST_CASE_FIXTURE(Fixture, "where the chat takes no files none are offered") {
  platform->takes_files = false;
  specialist->work = [&](const auto&) { in_project("site", "report.pdf", "x"); };
  const auto id = order(project("site"));
  run_next();
  CHECK(note(id).buttons.empty());
}

TEST_CASE_FIXTURE(Fixture, "a file that is gone when its turn comes is told in words") {
  const auto file = in_project("site", "a.txt", "x");
  project("site");
  outbox.post(conversation, files_out.requested(conversation, "site a.txt"), clock.now());
  fs::remove(file);
  deliver();
  const auto& post = platform->calls.back().post;
  CHECK_FALSE(post.file);
  CHECK(contains(post.text, "The file could not be sent: `a.txt` is not there."));
}

TEST_CASE_FIXTURE(Fixture, "a file that became a link when its turn comes is not followed") {
  const support::TemporaryFolder outside;
  const auto secret = outside.write("secret.txt", "secret");
  const auto file = in_project("site", "a.txt", "x");
  project("site");
  outbox.post(conversation, files_out.requested(conversation, "site a.txt"), clock.now());
  fs::remove(file);
  fs::create_symlink(secret, file);
  deliver();
  CHECK_FALSE(platform->calls.back().post.file);
}

TEST_CASE_FIXTURE(Fixture, "where the service refuses the file its words arrive and say so") {
  in_project("site", "a.exe", "x");
  project("site");
  platform->refuses_files = true;
  outbox.post(conversation, files_out.requested(conversation, "a.exe"), clock.now());
  deliver();
  CHECK(contains(platform->calls.back().post.text, "did not accept the file: it is of a kind"));
  CHECK(outbox.dead_count() == 0);
}

TEST_CASE_FIXTURE(Fixture, "secrets in a text file are left out, bytes of other files are as they are") {
  base::redact("sk-files-secret");
  const std::string binary("\x00sk-files-secret", 16);
  in_project("site", "a.txt", "key=sk-files-secret");
  in_project("site", "a.bin", binary);
  project("site");
  outbox.post(conversation, files_out.requested(conversation, "a.txt"), clock.now());
  outbox.post(conversation, files_out.requested(conversation, "a.bin"), clock.now());
  deliver();
  REQUIRE(platform->calls.size() == 2);
  CHECK(platform->calls[0].post.file.value().content == "key=[secret]");
  CHECK(platform->calls[1].post.file.value().content == binary);
  platform->takes_files = false;
  CHECK(contains(files_out.requested(conversation, "a.txt").text, "```\nkey=[secret]\n```"));
}

TEST_CASE_FIXTURE(Fixture, "/file finds its project, and no other chat's") {
  const auto other = store::Conversations(db).open("web", "c-2", clock.now());
  store::Projects(db).create("theirs", other.id, "", clock.now());
  in_project("theirs", "a.txt", "theirs");
  CHECK(contains(files_out.requested(conversation, "a.txt").text, "no projects yet"));
  project("old");
  clock.advance(std::chrono::seconds(1));
  project("site");
  in_project("old", "a.txt", "old");
  in_project("site", "my file.txt", "site");
  const auto path = [&](const std::string& argument) {
    const auto post = files_out.requested(conversation, argument);
    return post.file ? store::Projects(db).get(post.file->project).slug + "/" + post.file->path : "";
  };
  CHECK(path("old a.txt") == "old/a.txt");
  CHECK(path("my file.txt") == "site/my file.txt");
  CHECK(path("site `my file.txt`") == "site/my file.txt");
  CHECK(path("old ./a.txt") == "old/a.txt");
  for (const char* argument : {"theirs a.txt", "a.txt", "old ../theirs/a.txt", "old /etc/passwd", "", "old",
                               "old .dispatch-logs/project.json"}) {
    CAPTURE(argument);
    CHECK(path(argument).empty());
    CHECK_FALSE(files_out.requested(conversation, argument).text.empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "a post of another chat's file is not filled") {
  const auto other = store::Conversations(db).open("web", "c-2", clock.now());
  const auto theirs = store::Projects(db).create("theirs", other.id, "", clock.now());
  in_project("theirs", "a.txt", "theirs");
  store::Post post{"Here."};
  post.file = store::Post::File{theirs.id, "a.txt", "a.txt"};
  files_out.read(conversation, post);
  CHECK_FALSE(post.file);
}

TEST_CASE_FIXTURE(Fixture, "where the chat takes no files, short texts are shown and others are pointed to") {
  platform->takes_files = false;
  project("site");
  in_project("site", "a.md", "one\n```\ntwo");
  in_project("site", "large.txt", std::string(6'001, 'x'));
  in_project("site", "image.png", "\x89PNG");
  CHECK(files_out.requested(conversation, "a.md").text ==
        "`a.md` from *site* (11 bytes):\n\n````\none\n```\ntwo\n````");
  for (const char* path : {"large.txt", "image.png"}) {
    const auto text = files_out.requested(conversation, path).text;
    CHECK(contains(text, "can't be shown here; it is on the server at `"));
    CHECK(contains(text, (projects / "site" / path).string()));
  }
}

TEST_CASE("the file of a post is its last piece, below buttons and text") {
  store::Post post{"Here."};
  post.buttons = {{store::ButtonKind::give, 1, "Give"}};
  post.file = store::Post::File{{1}, "docs/a.pdf", "a.pdf", "bytes"};
  const auto pieces = bot::chat::parts_of(post, {"one", "two"}, 5);
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[1].buttons.size() == 1);
  CHECK(pieces[2].buttons.empty());
  CHECK(pieces[2].file.value().name == "a.pdf");
  CHECK(pieces[2].file.value().content == "bytes");
}

}  // namespace
