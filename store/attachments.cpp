#include "store/attachments.h"

#include "store/statement.h"

namespace store {
namespace {

std::string select_attachment(const char* rest) {
  return std::string(
             "SELECT a.id, a.message_id, a.handle, a.name, a.media_type, a.size, a.dispatch_id, a.path, a.problem "
             "FROM attachments a ") +
         rest;
}

Attachment read_attachment(Statement& row) {
  Attachment a;
  row.read(a.id, a.message, a.handle, a.name, a.media_type, a.size, a.dispatch, a.path, a.problem);
  return a;
}

}  // namespace

AttachmentId Attachments::add(const Attachment& a) {
  Statement(db_, "INSERT INTO attachments(message_id, handle, name, media_type, size) VALUES (?, ?, ?, ?, ?)",
            a.message, a.handle, a.name, a.media_type, a.size)
      .execute();
  return {db_.last_row_id()};
}

bool Attachments::any_has(const std::string& handle) {
  return Statement(db_, "SELECT EXISTS (SELECT 1 FROM attachments WHERE handle = ?)", handle)
             .first<std::int64_t>()
             .value_or(0) != 0;
}

std::vector<Attachment> Attachments::of(MessageId message) {
  return Statement(db_, select_attachment("WHERE a.message_id = ? ORDER BY a.id"), message)
      .all(read_attachment);
}

std::map<MessageId, std::vector<Attachment>> Attachments::among(ConversationId conversation, MessageId first,
                                                                MessageId last) {
  std::map<MessageId, std::vector<Attachment>> found;
  // Most have none, which is known sooner without a look at each message.
  if (!Statement(db_, "SELECT 1 FROM attachments WHERE message_id BETWEEN ? AND ? LIMIT 1", first, last)
           .any()) {
    return found;
  }
  Statement rows(db_,
                 select_attachment("JOIN messages m ON m.id = a.message_id WHERE m.conversation_id = ? AND "
                                   "m.id BETWEEN ? AND ? ORDER BY a.id"),
                 conversation, first, last);
  while (rows.next()) {
    auto attachment = read_attachment(rows);
    found[attachment.message].push_back(std::move(attachment));
  }
  return found;
}

std::vector<Attachment> Attachments::waiting(const Conversation& conversation, PersonId person,
                                             base::Timestamp since, DispatchId for_dispatch) {
  return Statement(
             db_,
             select_attachment(
                 "JOIN messages m ON m.id = a.message_id WHERE m.conversation_id = ? AND m.person_id = ? "
                 "AND m.id >= ? AND m.created_at >= ? AND a.dispatch_id IS NULL AND NOT EXISTS ("
                 "SELECT 1 FROM decisions d JOIN dispatches x ON x.decision_id = d.id "
                 "WHERE d.message_id = m.id AND x.state <> 'finished' AND x.id <> ?) ORDER BY a.id LIMIT 100"),
             conversation.id, person, conversation.context_from, since, for_dispatch)
      .all(read_attachment);
}

std::vector<Attachment> Attachments::taken_by(DispatchId dispatch) {
  return Statement(db_, select_attachment("WHERE a.dispatch_id = ? ORDER BY a.id"), dispatch)
      .all(read_attachment);
}

std::vector<std::string> Attachments::placed_in(ProjectId project) {
  return Statement(db_,
                   "SELECT a.path FROM attachments a JOIN dispatches x ON x.id = a.dispatch_id "
                   "WHERE x.project_id = ? AND a.path <> ''",
                   project)
      .all<std::string>();
}

void Attachments::hold(const std::string& section, const std::string& album, const Attachment& a,
                       base::Timestamp now, base::Timestamp forget_before) {
  Statement(db_, "DELETE FROM held_attachments WHERE held_at < ?", forget_before).execute();
  Statement(db_,
            "INSERT INTO held_attachments(section, album, handle, name, media_type, size, held_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            section, album, a.handle, a.name, a.media_type, a.size, now)
      .execute();
}

std::vector<Attachment> Attachments::take_held(const std::string& section, const std::string& album) {
  auto held = Statement(db_,
                        "SELECT handle, name, media_type, size FROM held_attachments WHERE section = ? AND "
                        "album = ? ORDER BY id",
                        section, album)
                  .all([](Statement& row) {
                    Attachment a;
                    row.read(a.handle, a.name, a.media_type, a.size);
                    return a;
                  });
  Statement(db_, "DELETE FROM held_attachments WHERE section = ? AND album = ?", section, album).execute();
  return held;
}

void Attachments::mark_placed(AttachmentId id, DispatchId dispatch, const std::string& path,
                              std::int64_t size) {
  Statement(db_, "UPDATE attachments SET dispatch_id = ?, path = ?, size = ? WHERE id = ?", dispatch, path,
            size, id)
      .execute();
}

void Attachments::mark_failed(AttachmentId id, DispatchId dispatch, const std::string& problem) {
  Statement(db_, "UPDATE attachments SET dispatch_id = ?, problem = ? WHERE id = ?", dispatch, problem, id)
      .execute();
}

}  // namespace store
