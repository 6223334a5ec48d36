#pragma once

#include <string>
#include <vector>

namespace bot::texts {

// What is said to those who may not. Names of people are Markdown.

std::string pairing_code(const std::string& code, bool admins_can_pair);
std::string not_on_list(const std::string& user_id);
inline constexpr const char* kUnknownCode =
    "This code is unknown or has expired. The person gets a new one by writing to the bot again.";
/// `name` and `group` may be empty.
std::string admitted(const std::string& person, const std::string& name, const std::string& group);
inline constexpr const char* kAdminsOnly = "Only an admin can do this.";
/// To who writes in the name of a group or channel.
inline constexpr const char* kWhoWrites =
    "I cannot tell who writes this, because it is in the name of a group or a channel. Please write to me "
    "under your own name.";
/// To who has sent more than may wait.
inline constexpr const char* kTooManyWaiting =
    "Many messages of yours are waiting already, so I did not take this one. Please send it again when I have "
    "answered some of them.";
/// That sentence, or what this made of it, with one more message that was not taken: its words, or one more
/// of a number where they are empty or enough are there.
std::string also_not_taken(const std::string& told, const std::string& words);
inline constexpr const char* kDirectOnly = "Please send me this in a direct message.";

/// "Ann, Bob or others": at most so many names.
std::string any_of(std::vector<std::string> names, std::size_t most);

// `names` and `approvers` come from any_of().
std::string only_they_can_answer(const std::string& names);
std::string only_they_can_judge(const std::string& names);
std::string only_they_can_stop(const std::string& names);
std::string only_they_can_allow(const std::string& approvers);
std::string only_they_can_raise(const std::string& approvers);
std::string only_they_were_asked(const std::string& name);

}  // namespace bot::texts
