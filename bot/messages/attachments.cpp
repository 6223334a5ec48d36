#include "bot/messages/attachments.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "bot/texts/files.h"
#include "dispatch/project/files.h"

namespace bot::messages {
namespace {

constexpr std::chrono::hours kWaitsFor{24};

/// "application/pdf, 120 kB"; empty where nothing is known.
std::string what_it_is(const store::Attachment& attachment) {
  auto text = attachment.media_type;
  if (attachment.size) {
    text += (text.empty() ? "" : ", ") + texts::file_size(*attachment.size);
  }
  return text.empty() ? text : " (" + text + ")";
}

std::string shown_name(const store::Attachment& attachment) {
  return attachment.name.empty() ? texts::kUnnamedFile : attachment.name;
}

}  // namespace

void tell_attachments(const std::map<store::MessageId, std::vector<store::Attachment>>& attachments,
                      std::vector<store::Message>& messages) {
  for (auto& message : messages) {
    const auto attached = attachments.find(message.id);
    if (message.author != store::Author::user || attached == attachments.end()) {
      continue;
    }
    for (const auto& attachment : attached->second) {
      message.text += fmt::format("{}[Attached: {}{}]", message.text.empty() ? "" : "\n",
                                  shown_name(attachment), what_it_is(attachment));
    }
  }
}

std::vector<store::Attachment> waiting_attachments(store::Database& db, const store::DispatchRecord& dispatch,
                                                   base::Timestamp now) {
  const auto conversation = store::Conversations(db).get(dispatch.conversation);
  return store::Attachments(db).waiting(conversation, dispatch.person, now - kWaitsFor, dispatch.id);
}

void AttachmentFetch::run(const store::DispatchRecord& dispatch, const std::filesystem::path& project,
                          base::Timestamp now, std::stop_token stop) {
  store::Attachments attachments(db_);
  auto room = limits_.max_all();
  for (const auto& attachment : attachments.taken_by(dispatch.id)) {  // before the program's own death
    room -= attachment.path.empty() ? 0
                                    : std::min(room, static_cast<std::uint64_t>(std::max<std::int64_t>(
                                                         0, attachment.size.value_or(0))));
  }
  for (const auto& attachment : waiting_attachments(db_, dispatch, now)) {
    if (stop.stop_requested()) {
      return;
    }
    try {
      room -= std::min(room, place(attachment, dispatch.id, project, room, stop));
    } catch (const base::Stopped&) {
      return;
    } catch (const base::PermanentError& e) {
      attachments.mark_failed(attachment.id, dispatch.id, base::redacted(e.what()));
    } catch (const base::TransientError& e) {
      base::log_warning("an attachment could not be fetched: {}", e.what());
      attachments.mark_failed(attachment.id, dispatch.id, texts::kServiceSendsNothing);
    }
  }
}

std::uint64_t AttachmentFetch::place(const store::Attachment& attachment, store::DispatchId dispatch,
                                     const std::filesystem::path& project, std::uint64_t room,
                                     std::stop_token stop) {
  if (limits_.max_file == 0) {
    throw base::PermanentError(texts::kAttachmentsOff);
  }
  if (platform_ == nullptr) {
    throw base::PermanentError(texts::kChatGone);
  }
  auto* const files = chat::capability<chat::FetchesFiles>(platform_);
  if (files == nullptr) {
    throw base::PermanentError("this platform has no files");
  }
  const auto size = static_cast<std::uint64_t>(std::max<std::int64_t>(0, attachment.size.value_or(0)));
  if (size > limits_.max_file) {
    throw base::PermanentError(texts::larger_than(limits_.max_file));
  }
  if (room == 0 || size > room) {
    throw base::PermanentError(texts::together_larger_than(limits_.max_all()));
  }
  const auto most = std::min(limits_.max_file, room);
  const base::Backoff backoff{limits_.pause, limits_.longest};
  for (int attempt = 1;; ++attempt) {
    try {
      dispatch::ArrivingFile file(project, kAttachmentsFolder, {most, limits_.keep_free});
      files->fetch(
          attachment.handle, most, [&](std::string_view bytes) { file.write(bytes); }, stop);
      const auto path = file.keep(attachment.name);
      store::Attachments(db_).mark_placed(attachment.id, dispatch, path,
                                          static_cast<std::int64_t>(file.size()));
      return file.size();
    } catch (const base::TransientError& e) {
      if (attempt >= tries_) {
        tries_ = 1;
        throw;
      }
      const auto pause = base::at_least(backoff.pause(attempt), e.retry_after);
      if (!base::wait_for(std::min(limits_.longest, pause), stop)) {
        throw base::Stopped();
      }
    }
  }
}

std::string attachments_prompt(const std::vector<store::Attachment>& taken) {
  std::string text;
  for (const auto& attachment : taken) {
    if (attachment.problem.empty()) {
      text += fmt::format("\nThe person attached: {}{}", attachment.path, what_it_is(attachment));
    }
  }
  for (const auto& problem : attachment_problems(taken)) {
    text += "\nThe person attached a file that is not here. " + problem;
  }
  return text.empty() ? text : "\n" + text;
}

std::vector<std::string> attachment_problems(const std::vector<store::Attachment>& taken) {
  std::vector<std::string> problems;
  for (const auto& attachment : taken) {
    if (!attachment.problem.empty()) {
      problems.push_back(texts::attachment_missing(attachment.name, attachment.problem));
    }
  }
  return problems;
}

}  // namespace bot::messages
