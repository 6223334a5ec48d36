#include <doctest/doctest.h>

#include "store/chat_address.h"
#include "store/cursors.h"
#include "tests/support/store_fixture.h"

namespace {

using store::ChatAddress;

TEST_CASE_FIXTURE(support::StoreFixture, "a cursor is its section's own, and the last value counts") {
  store::Cursors cursors(db);
  CHECK_FALSE(cursors.find("mm", "since"));
  cursors.save("mm", {"since", "17"});
  cursors.save("mm", {"sequence", "x"});
  cursors.save("other", {"since", "1"});
  cursors.save("mm", {"since", "9"});
  CHECK(cursors.find("mm", "since") == "9");
  CHECK(cursors.find("mm", "sequence") == "x");
  CHECK(cursors.find("other", "since") == "1");
  CHECK_FALSE(cursors.find("other", "sequence"));
}

TEST_CASE_FIXTURE(support::StoreFixture, "a cursor is kept with its transaction, or not at all") {
  store::Cursors cursors(db);
  cursors.save("mm", {"since", "1"});
  {
    store::Transaction undone(db);
    cursors.save("mm", {"since", "2"});
  }
  CHECK(cursors.find("mm", "since") == "1");
  store::Transaction transaction(db);
  cursors.save("mm", {"since", "3"});
  transaction.commit();
  store::Database again(db.path());
  CHECK(store::Cursors(again).find("mm", "since") == "3");
}

TEST_CASE("a chat's address is its text taken apart at the first slash, and back") {
  CHECK(ChatAddress::parse("-100123") == ChatAddress{"-100123"});
  CHECK(ChatAddress::parse("C1/17.5") == ChatAddress{"C1", "17.5"});
  CHECK(ChatAddress::parse("a/b/c") == ChatAddress{"a", "b/c"});
  CHECK(ChatAddress::parse("") == ChatAddress{});
  for (const char* text : {"", "x", "C1/17.5", "-100/4", "a/b/c", "/t"}) {
    CHECK(ChatAddress::parse(text).text() == text);
  }
  CHECK(ChatAddress{"C1", ""}.text() == "C1");
}

}  // namespace
