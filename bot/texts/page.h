#pragma once

namespace bot::texts {

// What the chat page shows where the server refuses a call.

inline constexpr const char* kLogInAgain = "Please log in again.";
inline constexpr const char* kOpenAddressAgain =
    "The bot was restarted. Open the address that it printed when it started.";
inline constexpr const char* kTooManyTokens = "Too many wrong tokens. Please wait a minute.";
inline constexpr const char* kTooManyPasswords = "Too many wrong passwords. Please wait a minute.";
inline constexpr const char* kMessageEmpty = "Please write something first.";
inline constexpr const char* kMessageTooLong = "This message is too long. Please send it in parts.";
inline constexpr const char* kMessageNotStored =
    "The message could not be stored. It is still here; please send it again.";

// What others read that call the server.
inline constexpr const char* kNotFound = "There is nothing at this address.";
inline constexpr const char* kWrongMethod = "This address does not accept that method.";
inline constexpr const char* kNoSuchChat = "There is no chat of that name.";
inline constexpr const char* kNotJson = "The body must be application/json.";
inline constexpr const char* kMalformedJson = "The body must be JSON in UTF-8.";
inline constexpr const char* kNoChatName = "This is not a valid name for a chat.";
inline constexpr const char* kMessageIncomplete =
    "The members \"id\" and \"chat\" must name the message and the chat.";
inline constexpr const char* kActionIncomplete = "The members \"id\", \"chat\" and \"action\" are required.";
inline constexpr const char* kWebhookNotStored = "The message could not be stored; please send it again.";
inline constexpr const char* kNotReady = "The program is starting or stopping.";
inline constexpr const char* kDatabaseUnwritable = "The database cannot be written.";
inline constexpr const char* kUnknownHost =
    "This host name is not one of this server's. If it should be, set server.public_url.";
inline constexpr const char* kForeignOrigin = "The request comes from a page of another site.";

}  // namespace bot::texts
