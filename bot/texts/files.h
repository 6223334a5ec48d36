#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bot::texts {

// What is said about files that go to a chat, or that came from it.

/// "999 bytes", "120 kB", "1.0 MB".
std::string file_size(std::int64_t bytes);

/// "`report.pdf` from *task-api* (120 kB)", which stands as `what` in the next ones.
std::string file_of_project(const std::string& path, const std::string& project, std::int64_t bytes);
std::string file_empty(const std::string& what);
std::string file_too_large(const std::string& what, std::uint64_t most_bytes);
std::string file_sent(const std::string& what);
/// In a chat that takes no files. `content` is text.
std::string file_shown(const std::string& what, const std::string& content);
std::string file_not_shown(const std::string& what, const std::string& path);

/// Where the file asked for cannot be read; the reason is a sentence.
std::string file_not_had(const std::string& project, const std::string& reason);
std::string file_not_sent(const std::string& reason);
/// Of a chat service.
std::string file_refused(const std::string& reason);
inline constexpr const char* kFileOfOtherChat = "This file belongs to another chat.";
inline constexpr const char* kProjectOfOtherChat = "the project belongs to another chat";
inline constexpr const char* kUnknownFile = "I don't know this file.";
inline constexpr const char* kNoFiles = "This chat has no projects yet, so there are no files.";

/// Of a file that a person attached; the reason is one of the next ones, or another without a full stop.
std::string attachment_missing(const std::string& name, const std::string& reason);
inline constexpr const char* kUnnamedFile = "a file without a name";
inline constexpr const char* kAttachmentsOff = "files are not accepted here (dispatch.max_attachment_mb)";
inline constexpr const char* kSentFileGone = "the page keeps files for two days only";
inline constexpr const char* kChatGone = "its chat is no longer configured";
inline constexpr const char* kServiceSendsNothing = "the chat service is not sending it right now";
std::string larger_than(std::uint64_t bytes);
std::string together_larger_than(std::uint64_t bytes);
/// A sentence for whoever sends one by the page.
std::string file_too_large_to_take(std::uint64_t most_bytes);

// Below an answer: of a picture that the secretary's model was not shown, or could not be.
inline constexpr const char* kPictureNotNow = "it could not be looked at just now";
std::string picture_not_seen(const std::string& name, const std::string& reason);
std::string too_many_pictures(std::size_t most);
inline constexpr const char* kModelSeesNoPictures =
    "*The model that answers here cannot look at pictures. The operator can set one that does in `[secretary]`.*";
/// Where the usual one does, and another one answers in its place.
inline constexpr const char* kStandInSeesNoPictures =
    "*The model that stands in at the moment cannot look at pictures. Ask again when the usual one answers: it is "
    "shown the picture, if not too much was said since.*";
inline constexpr const char* kDemoSeesNoPictures =
    "*The scripted demo model cannot look at pictures. For one that does, set `ANTHROPIC_API_KEY`, or a provider in "
    "`frontdesk.toml`, and start again.*";

/// Of a message that is neither words nor a file, such as a story.
inline constexpr const char* kUnreadable = "I cannot read this kind of message. Please write it as text.";

// An answer that is too long for messages. Without marks: it means the same in the form of every service.
inline constexpr const char* kAnswerInFile = "The whole answer is in this file.";
inline constexpr const char* kAnswerCut =
    "This is only the beginning: the answer is too long for messages, and the chat service did not accept it as "
    "a file. Ask me for a shorter one, or for the rest in parts. The operator can find all of it in the log "
    "(frontdesk log show).";

}  // namespace bot::texts
