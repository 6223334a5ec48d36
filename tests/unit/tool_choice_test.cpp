// That the tools which everyday sentences need are among those that the model is shown at once, where the
// mail box, the calendar and the notes of docs/tools.md have more than fit.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/tools/tool_index.h"

namespace {

using bot::tools::ToolIndex;

llm::mcp::Tool tool(const std::string& name, const std::string& description) {
  return *llm::mcp::read_tool(
      {{"name", name}, {"description", description}, {"inputSchema", {{"type", "object"}}}});
}

/// The descriptions as those servers have them, in other words.
const std::map<std::string, std::vector<llm::mcp::Tool>>& servers() {
  static const std::map<std::string, std::vector<llm::mcp::Tool>> all = {
      {"mail",
       {tool("list_mailboxes", "Lists the folders of the account with how many messages each holds"),
        tool("list_emails", "Lists the emails of a mailbox with sender, subject and date, page by page"),
        tool("get_email", "Gets the whole content of an email from the mailbox by its id"),
        tool("search_emails", "Searches the subject, the sender and the text of emails for words"),
        tool("send_email", "Sends a new email to one or more people"),
        tool("reply_email", "Replies to an email that is there, to the sender or to all"),
        tool("delete_email", "Moves the email to the trash or deletes it for good"),
        tool("save_draft", "Saves an email as a draft")}},
      {"calendar",
       {tool("list-calendars", "Lists all calendars that the account has"),
        tool("list-events", "Lists all events between the start and the end date of the calendar"),
        tool("create-event", "Creates an event in the calendar"),
        tool("update-event", "Updates an event of the calendar by its uid"),
        tool("delete-event", "Deletes an event from the calendar by its uid")}},
      {"notes",
       {tool("read_text_file", "Reads the whole content of a file as text"),
        tool("list_directory", "Lists all files and directories in the path that is given"),
        tool("search_files", "Searches for files and directories that match a pattern"),
        tool("write_file", "Creates a new file or overwrites the one that is there with new content"),
        tool("edit_file", "Edits lines of a text file and shows what changed")}}};
  return all;
}

ToolIndex index_of(const std::string& server, const std::vector<llm::mcp::Tool>& tools) {
  std::vector<const llm::mcp::Tool*> listed;
  for (const auto& each : tools) {
    listed.push_back(&each);
  }
  return {server, listed};
}

/// Result: the seven that fit best.
std::vector<std::string> chosen(const std::string& words) {
  const ToolIndex::Query query(words);
  std::vector<std::pair<float, std::string>> scored;
  for (const auto& [server, tools] : servers()) {
    for (const auto& hit : index_of(server, tools).find(query)) {
      scored.emplace_back(hit.score, tools[hit.at].name);
    }
  }
  std::ranges::stable_sort(scored, [](const auto& a, const auto& b) { return a.first > b.first; });
  scored.resize(std::min<std::size_t>(scored.size(), 7));
  std::vector<std::string> names;
  for (const auto& [score, name] : scored) {
    names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("what an everyday sentence needs is among the tools that are shown at once") {
  const std::vector<std::pair<std::string, std::string>> needs = {
      {"what is in my inbox?", "list_emails"},
      {"any mail from Bob?", "search_emails"},
      {"answer Bob that noon is fine", "reply_email"},
      {"answer Bob that noon is fine", "send_email"},
      {"write to Bob that I am late", "send_email"},
      {"delete the newsletter from Acme", "delete_email"},
      {"move the meeting to two", "update-event"},
      {"move the meeting to two", "list-events"},
      {"cancel the budget meeting", "delete-event"},
      {"schedule a call with Carol next Monday at ten", "create-event"},
      {"move my dentist appointment", "update-event"},
      {"push the stand-up back by an hour", "update-event"},
      {"what do I have tomorrow?", "list-events"},
      {"am I free on Friday afternoon?", "list-events"},
      {"note down that the door code changed", "write_file"},
      {"what do my notes say about the garden?", "read_text_file"},
      {"Antworte Bob, dass ich komme", "reply_email"},
      {"Verschiebe den Termin auf 14 Uhr", "update-event"},
      {"Was steht heute im Kalender?", "list-events"},
      {"Schreib Bob eine Mail, dass ich später komme", "send_email"},
      {"Annule la réunion de demain", "delete-event"},
      {"réponds à Bob que midi me va", "reply_email"}};
  for (const auto& need : needs) {
    const auto& sentence = need.first;
    const auto& needed = need.second;
    const auto names = chosen(sentence);
    std::string shown;
    for (const auto& name : names) {
      shown += name + " ";
    }
    CAPTURE(sentence);
    CAPTURE(shown);
    CHECK_MESSAGE(std::ranges::find(names, needed) != names.end(), needed);
  }
}

TEST_CASE("words that stand everywhere choose nothing") {
  CHECK(index_of("notes", servers().at("notes"))
            .find(ToolIndex::Query("and what about all the others?"))
            .empty());
}
