// A message of ours stands in the chat as it should, whatever fails on the way there.
#include <map>
#include <random>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "base/error.h"
#include "bot/chat/message_parts.h"
#include "bot/chat/platform.h"
#include "tests/support/store_fixture.h"

namespace {

using bot::chat::MessagePart;
using bot::chat::PartCalls;

/// How a service finds out what became of a call without an answer.
enum class Kind {
  by_key,       ///< its history names the key
  same_key,     ///< it shows the same key once
  placeholder,  ///< it cannot; texts are filled in by an edit
};

/// What goes wrong with one call.
enum class Trouble { none, not_sent, paced, refused, lost_before, lost_after, killed_before, killed_after };

struct Shown {
  MessagePart piece;
  std::string key;
  bool is_placeholder = false;
};

/// A chat of a service, which shows what it was told.
class Service final : public PartCalls {
 public:
  explicit Service(Kind kind) : kind_(kind) {}

  std::string send(const MessagePart& piece, const std::string& key) override {
    std::string id;
    with_trouble([&] {
      id = kind_ == Kind::same_key ? id_of(key) : std::string();
      if (id.empty()) {
        id = std::to_string(++last_id_);
        shown[last_id_] = {piece, key, sends_placeholder(piece)};
      }
      ++sends;
    });
    return id;
  }
  void edit(const std::string& external_id, const MessagePart& piece) override {
    with_trouble([&] {
      if (!shown.contains(std::stoi(external_id))) {
        throw bot::chat::Gone("message to edit not found");
      }
      auto& message = shown.at(std::stoi(external_id));
      // As the services: a file is no text, and no text is a file.
      CHECK_FALSE(message.piece.file.has_value());
      CHECK_FALSE(piece.file.has_value());
      message.piece = piece;
      message.is_placeholder = false;
      ++edits;
    });
  }
  void remove(const std::string& external_id) override {
    with_trouble([&] {
      shown.erase(std::stoi(external_id));
      ++removals;
    });
  }
  DeliveryStatus delivery_status(const MessagePart& piece, const std::string& key, base::Timestamp) override {
    using FateKind = DeliveryStatus::Kind;
    if (!readable) {
      return {FateKind::unknowable};
    }
    switch (kind_) {
      case Kind::by_key: {
        const auto id = id_of(key);
        return id.empty() ? DeliveryStatus{FateKind::absent} : DeliveryStatus{FateKind::arrived, id};
      }
      case Kind::same_key:
        return {FateKind::absent};
      case Kind::placeholder:
        break;
    }
    return {sends_placeholder(piece) ? FateKind::harmless : FateKind::unknowable};
  }
  bool sends_placeholder(const MessagePart& piece) const override {
    return kind_ == Kind::placeholder && !piece.file;
  }

  std::map<int, Shown> shown;  ///< by id
  std::function<Trouble()> trouble = [] { return Trouble::none; };
  int sends = 0, edits = 0, removals = 0;
  bool readable = true;  ///< whether anything can be looked up

 private:
  std::string id_of(const std::string& key) const {
    for (const auto& [id, message] : shown) {
      if (message.key == key) {
        return std::to_string(id);
      }
    }
    return {};
  }
  void with_trouble(const std::function<void()>& effect) {
    const auto what = trouble();
    switch (what) {
      case Trouble::not_sent:
        throw bot::chat::NotSent("not reached");
      case Trouble::paced:
        throw bot::chat::RateLimited({});
      case Trouble::refused:
        throw base::PermanentError("refused");
      case Trouble::lost_before:
        throw base::TransientError("no answer");
      case Trouble::killed_before:
        throw base::Stopped();
      case Trouble::none:
      case Trouble::lost_after:
      case Trouble::killed_after:
        effect();
    }
    if (what == Trouble::lost_after) {
      throw base::TransientError("no answer");
    }
    if (what == Trouble::killed_after) {
      throw base::Stopped();
    }
  }

  const Kind kind_;
  int last_id_ = 0;
};

MessagePart text(const std::string& words) {
  return {words};
}
MessagePart file(const std::string& name, const std::string& content = "content") {
  return {{}, {}, {}, MessagePart::File{name, content}};
}
/// What stands in the chat, in order: texts, and names of files in brackets.
std::vector<std::string> read(const Service& service) {
  std::vector<std::string> all;
  for (const auto& [id, message] : service.shown) {
    const auto& piece = message.piece;
    all.push_back(message.is_placeholder ? "..." : piece.file ? "[" + piece.file->name + "]" : piece.text);
  }
  return all;
}
using Texts = std::vector<std::string>;

struct Fixture : support::StoreFixture {
  store::MessageParts pieces{db};
  store::OutgoingCall call;

  Fixture() {
    call.message = say("x");
    call.key = call.target_key = "msg_1";
    db.handle().exec(
        "CREATE TEMP TABLE power(writes INTEGER);"
        "INSERT INTO power VALUES (1000000);"
        "CREATE TEMP TRIGGER on_insert BEFORE INSERT ON pieces BEGIN UPDATE power SET writes = writes - 1;"
        " SELECT RAISE(ABORT, 'no power') WHERE (SELECT writes FROM power) < 0; END;"
        "CREATE TEMP TRIGGER on_update BEFORE UPDATE ON pieces BEGIN UPDATE power SET writes = writes - 1;"
        " SELECT RAISE(ABORT, 'no power') WHERE (SELECT writes FROM power) < 0; END;"
        "CREATE TEMP TRIGGER on_delete BEFORE DELETE ON pieces BEGIN UPDATE power SET writes = writes - 1;"
        " SELECT RAISE(ABORT, 'no power') WHERE (SELECT writes FROM power) < 0; END;");
  }
  /// The program dies at the write after so many more.
  void power_for(int writes) {
    SQLite::Statement s(db.handle(), "UPDATE temp.power SET writes = ?");
    s.bind(1, writes);
    s.exec();
  }
  void power_on() { power_for(1'000'000); }

  std::string deliver(Service& service, const std::vector<MessagePart>& wanted) {
    return bot::chat::deliver_parts(call, wanted, pieces, service, clock.now());
  }
  /// Again until it succeeds.
  void deliver_at_last(Service& service, const std::vector<MessagePart>& wanted) {
    for (int attempt = 0; attempt < 2'000; ++attempt) {
      try {
        deliver(service, wanted);
        return;
      } catch (const std::exception&) {
        power_on();
      }
    }
    FAIL("it never succeeded");
  }
};

TEST_CASE_FIXTURE(Fixture, "pieces are sent once, in order, and the id of the first is told") {
  for (const auto kind : {Kind::by_key, Kind::same_key, Kind::placeholder}) {
    Service service(kind);
    call.message = say("x");
    const std::vector<MessagePart> wanted = {text("one"), text("two"), file("a.txt")};
    CHECK(deliver(service, wanted) == "1");
    CHECK(deliver(service, wanted) == "1");
    CHECK(read(service) == Texts{"one", "two", "[a.txt]"});
    CHECK(service.sends == 3);
    CHECK(service.edits == (kind == Kind::placeholder ? 2 : 0));
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "an edit changes what differs, adds what is missing and takes away what is too much") {
  Service service(Kind::by_key);
  deliver(service, {text("one"), text("two"), text("three")});
  deliver(service, {text("one"), text("2")});
  CHECK(read(service) == Texts{"one", "2"});
  CHECK(service.edits == 1);
  CHECK(service.removals == 1);
  deliver(service, {text("one"), text("2"), text("3"), file("a.txt")});
  CHECK(read(service) == Texts{"one", "2", "3", "[a.txt]"});
  auto with_button = text("one");
  with_button.buttons = {{store::ButtonKind::yes, 1, "Yes", "b1"}};
  deliver(service, {with_button, text("2"), text("3"), file("a.txt")});
  CHECK(service.edits == 2);
  CHECK(service.shown.at(1).piece.buttons.size() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "a file is exchanged by another message, and a text does not become a file by an edit") {
  Service service(Kind::by_key);
  deliver(service, {text("one"), file("a.txt")});
  deliver(service, {text("one"), file("a.txt", "other content")});
  CHECK(service.shown.rbegin()->second.piece.file->content == "other content");
  CHECK(read(service) == Texts{"one", "[a.txt]"});
  deliver(service, {text("one"), text("two")});
  CHECK(read(service) == Texts{"one", "two"});
  deliver(service, {text("one"), file("b.txt")});
  CHECK(read(service) == Texts{"one", "[b.txt]"});
}

TEST_CASE_FIXTURE(Fixture, "what arrived although nobody was told is neither sent nor written again") {
  for (const auto& piece : {text("one"), file("a.txt")}) {
    for (const auto trouble : {Trouble::lost_after, Trouble::killed_after}) {
      Service service(Kind::by_key);
      call.message = say("x");
      service.trouble = [&] { return trouble; };
      CHECK_THROWS(deliver(service, {piece}));
      service.trouble = [] { return Trouble::none; };
      CHECK(deliver(service, {piece}) == "1");
      CHECK(service.sends == 1);
      CHECK(service.edits == 0);
      CHECK(service.removals == 0);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "what nobody can look up is not sent again, and counts as uncertain") {
  Service service(Kind::placeholder);
  service.trouble = [] { return Trouble::lost_before; };
  CHECK_THROWS_AS(deliver(service, {file("a.txt")}), base::TransientError);
  service.trouble = [] { return Trouble::none; };
  CHECK(deliver(service, {file("a.txt")}).empty());
  CHECK(deliver(service, {file("a.txt")}).empty());
  CHECK(service.sends == 0);
  CHECK(pieces.doubtful_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a draft becomes the answer, wherever the program dies meanwhile") {
  for (const auto kind : {Kind::by_key, Kind::same_key}) {
    for (const bool was_shown : {true, false}) {
      for (int writes = 0; writes < 8; ++writes) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(was_shown);
        CAPTURE(writes);
        Service service(kind);
        call.message = say("x");
        power_on();
        if (was_shown) {
          service.shown[0] = {text("half"), call.key, false};
        }
        pieces.mark_attempted(call.message, 0, clock.now());
        pieces.mark_shown(call.message, 0, store::kShowsDraft);
        power_for(writes);
        deliver_at_last(service, {text("one"), text("two")});
        CHECK(read(service) == Texts{"one", "two"});
      }
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a draft that nobody can look up keeps no answer from being sent") {
  Service service(Kind::by_key);
  service.readable = false;
  pieces.mark_attempted(call.message, 0, clock.now());
  pieces.mark_shown(call.message, 0, store::kShowsDraft);
  deliver(service, {text("one")});
  CHECK(read(service) == Texts{"one"});
  CHECK(pieces.doubtful_count() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a placeholder that nobody can look up is sent again and counts as doubtful") {
  Service service(Kind::placeholder);
  service.trouble = [] { return Trouble::lost_after; };
  CHECK_THROWS_AS(deliver(service, {text("one")}), base::TransientError);
  service.trouble = [] { return Trouble::none; };
  CHECK(deliver(service, {text("one")}) == "2");
  CHECK(read(service) == Texts{"...", "one"});
  CHECK(pieces.doubtful_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what was refused, held by the pace or never sent leaves nothing behind") {
  for (const auto trouble : {Trouble::refused, Trouble::paced, Trouble::not_sent}) {
    for (const auto kind : {Kind::by_key, Kind::same_key, Kind::placeholder}) {
      Service service(kind);
      call.message = say("x");
      service.trouble = [&] { return trouble; };
      CHECK_THROWS(deliver(service, {text("one")}));
      CHECK(pieces.of(call.message).empty());
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a placeholder that will never be filled is taken away") {
  Service service(Kind::placeholder);
  int calls = 0;
  service.trouble = [&] { return ++calls == 2 ? Trouble::refused : Trouble::none; };
  CHECK_THROWS_AS(deliver(service, {text("one")}), base::PermanentError);
  CHECK(service.shown.empty());
  CHECK(pieces.of(call.message).empty());
}

TEST_CASE_FIXTURE(Fixture, "in place of a placeholder that somebody took away another one is filled") {
  Service service(Kind::placeholder);
  int calls = 0;
  service.trouble = [&] {
    if (++calls == 2) {
      service.shown.clear();
    }
    return Trouble::none;
  };
  CHECK(deliver(service, {text("one")}) == "2");
  CHECK(read(service) == Texts{"one"});
  CHECK(pieces.doubtful_count() == 0);
}

TEST_CASE_FIXTURE(Fixture, "where each placeholder is taken away at once, it ends after a few") {
  Service service(Kind::placeholder);
  service.trouble = [&] {
    service.shown.clear();
    return Trouble::none;
  };
  CHECK_THROWS_AS(deliver(service, {text("one")}), bot::chat::Gone);
  CHECK(service.sends == 3);
  CHECK(pieces.of(call.message).empty());
}

TEST_CASE_FIXTURE(Fixture, "where the pace holds up the next placeholder it counts as an attempt") {
  Service service(Kind::placeholder);
  service.trouble = [&] {
    service.shown.clear();
    return service.removals == 0 ? Trouble::none : Trouble::paced;
  };
  CHECK_THROWS_AS(deliver(service, {text("one")}), bot::chat::NotSent);
  CHECK(service.sends == 1);
  CHECK(pieces.of(call.message).empty());
}

TEST_CASE_FIXTURE(Fixture, "a text that cannot be changed stays as it is") {
  Service service(Kind::placeholder);
  deliver(service, {text("one")});
  service.trouble = [] { return Trouble::refused; };
  CHECK_THROWS_AS(deliver(service, {text("two")}), base::PermanentError);
  CHECK(read(service) == Texts{"one"});
}

/// MessageParts, one version of the message after the other, made from a seed.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::vector<MessagePart> version(int number) {
    std::vector<MessagePart> wanted;
    for (auto texts = below(4) + 1; texts > 0; --texts) {
      const auto words = "part " + std::to_string(wanted.size());
      // Some parts stay as they were.
      wanted.push_back(text(below(3) == 0 ? words : words + " of version " + std::to_string(number)));
    }
    if (below(3) == 0) {
      wanted.push_back(file("a.txt", below(2) == 0 ? "same" : "version " + std::to_string(number)));
    }
    return wanted;
  }
  Trouble trouble() {
    constexpr Trouble kAll[] = {Trouble::none,       Trouble::none,          Trouble::none,
                                Trouble::none,       Trouble::none,          Trouble::not_sent,
                                Trouble::paced,      Trouble::refused,       Trouble::lost_before,
                                Trouble::lost_after, Trouble::killed_before, Trouble::killed_after};
    return kAll[below(std::size(kAll))];
  }

 private:
  std::mt19937 random_;
};

/// Those of the wanted pieces that are not shown, and those shown that are not wanted.
struct Difference {
  std::vector<std::string> missing, too_much;
  int placeholders = 0;
};
std::string name_of(const MessagePart& piece) {
  return piece.file ? "[" + piece.file->name + ": " + piece.file->content + "]" : piece.text;
}
Difference compare(const std::vector<MessagePart>& wanted, const Service& service) {
  Difference difference;
  for (const auto& piece : wanted) {
    difference.missing.push_back(name_of(piece));
  }
  for (const auto& [id, message] : service.shown) {
    const auto name = name_of(message.piece);
    const auto it = std::find(difference.missing.begin(), difference.missing.end(), name);
    if (message.is_placeholder) {
      ++difference.placeholders;
    } else if (it != difference.missing.end()) {
      difference.missing.erase(it);
    } else {
      difference.too_much.push_back(name);
    }
  }
  return difference;
}

TEST_CASE_FIXTURE(Fixture, "whatever fails and wherever the program dies, each piece is shown once") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    for (const auto kind : {Kind::by_key, Kind::same_key}) {
      CAPTURE(seed);
      CAPTURE(static_cast<int>(kind));
      Generator random(seed);
      Service service(kind);
      call.message = say("x");
      for (int version = 0; version < 4; ++version) {
        CAPTURE(version);
        const auto wanted = random.version(version);
        service.trouble = [&] { return random.trouble(); };
        power_for(static_cast<int>(random.below(30)));
        deliver_at_last(service, wanted);
        power_on();
        service.trouble = [] { return Trouble::none; };
        const auto difference = compare(wanted, service);
        CHECK(difference.missing == Texts{});
        CHECK(difference.too_much == Texts{});
        CHECK(service.shown.size() == wanted.size());
        const auto calls = service.sends + service.edits + service.removals;
        deliver(service, wanted);
        CHECK(service.sends + service.edits + service.removals == calls);
      }
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "where nothing can be looked up, texts are shown once and a file at most once") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    Generator random(seed);
    Service service(Kind::placeholder);
    call.message = say("x");
    const auto wanted = random.version(0);
    service.trouble = [&] { return random.trouble(); };
    power_for(static_cast<int>(random.below(30)));
    deliver_at_last(service, wanted);
    power_on();
    const auto difference = compare(wanted, service);
    CHECK(difference.too_much == Texts{});
    for (const auto& missing : difference.missing) {
      CHECK(missing.starts_with("["));
    }
    const auto known = pieces.of(call.message);
    const auto uncertain =
        std::count_if(known.begin(), known.end(), [](const auto& piece) { return piece.uncertain; });
    CHECK(static_cast<std::size_t>(uncertain) >= difference.missing.size());
    CHECK((difference.placeholders == 0 || pieces.doubtful_count() > 0));
  }
}

TEST_CASE_FIXTURE(Fixture, "a file that is refused is told apart from a text that is, and its words stay") {
  for (const auto kind : {Kind::by_key, Kind::placeholder}) {
    Service service(kind);
    call.message = say("x");
    service.trouble = [&] { return service.shown.empty() ? Trouble::none : Trouble::refused; };
    auto rest = file("answer.md");
    rest.file->of = MessagePart::File::Of::text;
    if (kind == Kind::placeholder) {
      service.trouble = [&] { return service.edits == 0 ? Trouble::none : Trouble::refused; };
    }
    try {
      deliver(service, {text("one"), rest});
      FAIL("no exception");
    } catch (const bot::chat::FileRefused& e) {
      CHECK(e.of == MessagePart::File::Of::text);
    }
    CHECK(read(service) == Texts{"one"});
    try {
      deliver(service, {text("one"), text("two")});
      FAIL("no exception");
    } catch (const base::PermanentError& e) {
      CHECK(dynamic_cast<const bot::chat::FileRefused*>(&e) == nullptr);
    }
    service.trouble = [] { return Trouble::none; };
    deliver(service, {text("one"), text("two")});
    CHECK(read(service) == Texts{"one", "two"});
  }
}

TEST_CASE("a text of too many pieces becomes its beginning and a file") {
  store::Post post;
  post.text = "all of it";
  post.reply_to = "m-1";
  post.buttons = {{store::ButtonKind::yes, 1, "Yes", "b1"}};
  const auto few = bot::chat::parts_of(post, {"a", "b"}, 2);
  REQUIRE(few.size() == 2);
  CHECK(few[0].reply_to == "m-1");
  CHECK(few[1].reply_to.empty());
  CHECK(few[0].buttons.empty());
  CHECK(few[1].buttons.size() == 1);
  const auto many = bot::chat::parts_of(post, {"a", "b", "c"}, 2);
  REQUIRE(many.size() == 2);
  CHECK(many[0].text == "a");
  CHECK(many[0].buttons.size() == 1);
  REQUIRE(many[1].file);
  CHECK(many[1].file->content == "all of it");
  CHECK(many[1].file->of == MessagePart::File::Of::text);
  post.rest_refused = true;
  const auto refused = bot::chat::parts_of(post, {"a", "b", "c"}, 2);
  REQUIRE(refused.size() == 2);
  CHECK(refused[0].buttons.size() == 1);
  CHECK_FALSE(refused[1].file);
  CHECK(refused[1].text.find("only the beginning") != std::string::npos);
  CHECK(bot::chat::parts_of(post, {"a", "b"}, 2)[1].text == "b");
  CHECK(bot::chat::parts_of({}, {}, 2).empty());
}

}  // namespace
