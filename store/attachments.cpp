#include "store/attachments.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace store {
namespace {

constexpr const char* kColumns =
    "SELECT a.id, a.message_id, a.handle, a.name, a.media_type, a.size, a.dispatch_id, a.path, a.problem "
    "FROM attachments a ";

std::vector<Attachment> read_all(SQLite::Statement& s) {
  std::vector<Attachment> attachments;
  while (s.executeStep()) {
    Attachment a;
    a.id = {s.getColumn(0).getInt64()};
    a.message = {s.getColumn(1).getInt64()};
    a.handle = s.getColumn(2).getString();
    a.name = s.getColumn(3).getString();
    a.media_type = s.getColumn(4).getString();
    if (!s.getColumn(5).isNull()) {
      a.size = s.getColumn(5).getInt64();
    }
    if (!s.getColumn(6).isNull()) {
      a.dispatch = DispatchId{s.getColumn(6).getInt64()};
    }
    a.path = s.getColumn(7).getString();
    a.problem = s.getColumn(8).getString();
    attachments.push_back(std::move(a));
  }
  return attachments;
}

}  // namespace

AttachmentId Attachments::add(const Attachment& attachment) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO attachments(message_id, handle, name, media_type, size) VALUES (?, ?, ?, ?, ?)");
  s.bind(1, attachment.message.value);
  s.bind(2, attachment.handle);
  s.bind(3, attachment.name);
  s.bind(4, attachment.media_type);
  if (attachment.size) {
    s.bind(5, *attachment.size);
  }
  s.exec();
  return {db_.handle().getLastInsertRowid()};
}

std::vector<Attachment> Attachments::of(MessageId message) {
  SQLite::Statement s(db_.handle(), std::string(kColumns) + "WHERE a.message_id = ? ORDER BY a.id");
  s.bind(1, message.value);
  return read_all(s);
}

std::vector<Attachment> Attachments::waiting(const Conversation& conversation, PersonId person,
                                             base::Timestamp since, DispatchId for_dispatch) {
  SQLite::Statement s(
      db_.handle(),
      std::string(kColumns) +
          "JOIN messages m ON m.id = a.message_id WHERE m.conversation_id = ? AND m.person_id = ? "
          "AND m.id >= ? AND m.created_at >= ? AND a.dispatch_id IS NULL AND NOT EXISTS ("
          "SELECT 1 FROM decisions d JOIN dispatches x ON x.decision_id = d.id "
          "WHERE d.message_id = m.id AND x.state <> 'finished' AND x.id <> ?) ORDER BY a.id LIMIT 100");
  s.bind(1, conversation.id.value);
  s.bind(2, person.value);
  s.bind(3, conversation.context_from.value);
  s.bind(4, base::to_unix_ms(since));
  s.bind(5, for_dispatch.value);
  return read_all(s);
}

std::vector<Attachment> Attachments::taken_by(DispatchId dispatch) {
  SQLite::Statement s(db_.handle(), std::string(kColumns) + "WHERE a.dispatch_id = ? ORDER BY a.id");
  s.bind(1, dispatch.value);
  return read_all(s);
}

std::vector<std::string> Attachments::placed_in(ProjectId project) {
  SQLite::Statement s(db_.handle(),
                      "SELECT a.path FROM attachments a JOIN dispatches x ON x.id = a.dispatch_id "
                      "WHERE x.project_id = ? AND a.path <> ''");
  s.bind(1, project.value);
  std::vector<std::string> paths;
  while (s.executeStep()) {
    paths.push_back(s.getColumn(0).getString());
  }
  return paths;
}

void Attachments::hold(const std::string& section, const std::string& album, const Attachment& attachment,
                       base::Timestamp now, base::Timestamp forget_before) {
  SQLite::Statement forget(db_.handle(), "DELETE FROM held_attachments WHERE held_at < ?");
  forget.bind(1, base::to_unix_ms(forget_before));
  forget.exec();
  SQLite::Statement s(db_.handle(),
                      "INSERT INTO held_attachments(section, album, handle, name, media_type, size, held_at) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  s.bind(1, section);
  s.bind(2, album);
  s.bind(3, attachment.handle);
  s.bind(4, attachment.name);
  s.bind(5, attachment.media_type);
  if (attachment.size) {
    s.bind(6, *attachment.size);
  }
  s.bind(7, base::to_unix_ms(now));
  s.exec();
}

std::vector<Attachment> Attachments::take_held(const std::string& section, const std::string& album) {
  SQLite::Statement s(db_.handle(),
                      "SELECT handle, name, media_type, size FROM held_attachments WHERE section = ? AND "
                      "album = ? ORDER BY id");
  s.bind(1, section);
  s.bind(2, album);
  std::vector<Attachment> held;
  while (s.executeStep()) {
    Attachment a;
    a.handle = s.getColumn(0).getString();
    a.name = s.getColumn(1).getString();
    a.media_type = s.getColumn(2).getString();
    if (!s.getColumn(3).isNull()) {
      a.size = s.getColumn(3).getInt64();
    }
    held.push_back(std::move(a));
  }
  SQLite::Statement forget(db_.handle(), "DELETE FROM held_attachments WHERE section = ? AND album = ?");
  forget.bind(1, section);
  forget.bind(2, album);
  forget.exec();
  return held;
}

void Attachments::mark_placed(AttachmentId id, DispatchId dispatch, const std::string& path,
                              std::int64_t size) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE attachments SET dispatch_id = ?, path = ?, size = ? WHERE id = ?");
  s.bind(1, dispatch.value);
  s.bind(2, path);
  s.bind(3, size);
  s.bind(4, id.value);
  s.exec();
}

void Attachments::mark_failed(AttachmentId id, DispatchId dispatch, const std::string& problem) {
  SQLite::Statement s(db_.handle(), "UPDATE attachments SET dispatch_id = ?, problem = ? WHERE id = ?");
  s.bind(1, dispatch.value);
  s.bind(2, problem);
  s.bind(3, id.value);
  s.exec();
}

}  // namespace store
