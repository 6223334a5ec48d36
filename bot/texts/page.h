#pragma once

namespace bot::texts {

// What the chat page shows where the server refuses a call.

inline constexpr const char* kLogInAgain = "Please sign in again.";
inline constexpr const char* kOpenAddressAgain =
    "This session has ended; open the address that Frontdesk printed when it started.";
inline constexpr const char* kWrongPassword = "The name or the password is wrong.";
inline constexpr const char* kNotForm = "The body must be a form.";
inline constexpr const char* kMayNotChat = "This user may not use the chat; the console is at /admin.";
inline constexpr const char* kNoCsrfToken =
    "The header X-CSRF-Token is missing or not that of this session; reload the page.";
inline constexpr const char* kTooManyTokens = "Too many wrong tokens. Please wait a minute.";
inline constexpr const char* kTooManyPasswords = "Too many wrong passwords. Please wait a minute.";
inline constexpr const char* kMessageEmpty = "Please write something first.";
inline constexpr const char* kMessageTooLong = "This message is too long. Please send it in parts.";
inline constexpr const char* kMessageNotStored = "The message could not be stored; please send it again.";

inline constexpr const char* kChatNotThere = "This chat is not there any more.";
inline constexpr const char* kChatBusy =
    "Something is still under way in this chat. Wait for its end or cancel it, then delete the chat.";
inline constexpr const char* kTitleMissing = "The member \"title\" is missing.";
inline constexpr const char* kNoQuery = "Write what to look for, in at most 500 characters.";
inline constexpr const char* kNoFilesTaken = "This bot takes no files: max_attachment_mb is 0.";
inline constexpr const char* kTooManyFilesKept =
    "You have sent many files in the last two days. Please take some back, or wait a while before you send "
    "more.";
inline constexpr const char* kNoRoomForFile = "There is no room on the server's disk for this file.";
inline constexpr const char* kFileGone = "This file is not on the server any more; please add it again.";
inline constexpr const char* kPieceOutOfPlace = "Pieces of a file must come in their order.";
inline constexpr const char* kArchiveTooLarge = "Together the files are too large for one archive.";
inline constexpr const char* kNoChangesRecorded = "No changes of this file were recorded.";
inline constexpr const char* kNoFilesMade = "There are no files of this task.";
inline constexpr const char* kNothingDecidedThere = "Nothing was decided about this message.";
inline constexpr const char* kNoTimeZone =
    "The member \"zone\" must name a time zone, such as \"Europe/Zurich\".";
inline constexpr const char* kFeedbackIncomplete =
    "The members \"message\" and \"good\" are missing or not valid.";
inline constexpr const char* kNoThumbs = "This message cannot be judged, or has been already.";

// What others read that call the server.
inline constexpr const char* kNotFound = "There is nothing at this address.";
inline constexpr const char* kWrongMethod = "This method is not allowed here.";
inline constexpr const char* kNoSuchChat = "There is no chat section with that name.";
inline constexpr const char* kNoWebhook = "This chat has no webhook.";
inline constexpr const char* kNotJson = "The body must be application/json.";
inline constexpr const char* kMalformedJson = "The body must be JSON in UTF-8.";
inline constexpr const char* kNoChatName = "That is not a valid chat id.";
inline constexpr const char* kMessageIncomplete = "The members \"id\" and \"chat\" are missing or not valid.";
inline constexpr const char* kActionIncomplete =
    "The members \"id\", \"chat\" and \"action\" are missing or not valid.";
inline constexpr const char* kNotReady = "Frontdesk is starting or stopping.";
inline constexpr const char* kDatabaseUnwritable = "The database is not writable.";
inline constexpr const char* kTooMuchWaiting =
    "Too many messages are waiting already; please try again later.";
inline constexpr const char* kWrongMetricsToken = "This is not the token of the metrics.";
inline constexpr const char* kMetricsElsewhere =
    "The metrics are read on this machine, or with the token server.metrics_token.";
inline constexpr const char* kUnknownHost =
    "Frontdesk is not known by this host name; set server.public_url if it should be.";
inline constexpr const char* kForeignOrigin = "The request comes from another site.";

}  // namespace bot::texts
