#include "bot/texts/commands.h"

#include <fmt/core.h>

namespace bot::texts {

std::string help(const std::vector<CommandText>& commands) {
  std::string text =
      "Write to me as you would to a person. I answer quick questions myself and hand bigger tasks to a "
      "specialist, who works in a project folder.\n\n";
  for (const auto& command : commands) {
    text += fmt::format("- `{}`: {}\n", command.usage, command.help);
  }
  return text;
}

std::string unknown_command(const std::string& word, const std::optional<std::string>& nearest) {
  return nearest ? fmt::format("I don't know /{}. Did you mean `/{}`? `/help` lists all commands.", word,
                               *nearest)
                 : fmt::format("I don't know /{}. `/help` lists all commands.", word);
}

std::string task_missing(const std::string& project) {
  return fmt::format("Add the task after the project's name, for example `/dispatch {} add a test`.",
                     project);
}

std::string time_zone(const std::string& zone, bool is_own, const std::string& time) {
  return fmt::format("Your time zone is {}{}: it is {} there. `/timezone Asia/Kolkata` takes another one{}.",
                     zone, is_own ? "" : ", the one of this bot", time,
                     is_own ? ", `/timezone default` the one of this bot" : "");
}

std::string time_zone_set(const std::string& zone, const std::string& time) {
  return fmt::format(
      "Your time zone is {} now: it is {} there. Reminders that were set before keep their times.", zone,
      time);
}

std::string time_zone_unset(const std::string& zone, const std::string& time) {
  return fmt::format(
      "Your time zone is that of this bot again, {}: it is {} there. Reminders that were set before keep their "
      "times.",
      zone, time);
}

std::string no_time_zone(const std::string& words) {
  return fmt::format(
      "I know no time zone {}. Name one by its region and city, for example `/timezone America/New_York`.",
      words);
}

std::string whoami(const Whoami& who) {
  return fmt::format("You are `{}`{} in the chat `{}`, which is {}. Your role here: {}.", who.person,
                     who.name.empty() ? "" : " (" + who.name + ")", who.chat,
                     who.group.empty() ? "a direct chat" : "in the group `" + who.group + "`", who.role);
}

std::string running_for(const std::string& project, const std::string& duration) {
  return fmt::format("*{}*: running for {}", project, duration);
}

std::string waits_for_your_answer(const std::string& call) {
  return "- " + call + " waits for your answer above";
}

std::string project_line(const std::string& project, const std::string& description, const std::string& state,
                         const std::string& last_used) {
  return fmt::format("- {}: {} ({}, {})\n", project, description.empty() ? kNoDescription : description,
                     state, last_used);
}

std::string last_run(const std::string& outcome) {
  return "last run: " + outcome;
}

std::string stopping(const std::vector<std::string>& projects) {
  std::string names;
  for (const auto& project : projects) {
    names += (names.empty() ? "*" : ", *") + project + "*";
  }
  return "Stopping " + names + ".";
}

std::string not_stopped(const std::string& project, const std::string& reason) {
  return fmt::format("*{}* was not stopped. {}", project, reason);
}

std::string nothing_running_in(const std::string& project) {
  return fmt::format("Nothing is running or waiting in a project \"{}\" of this chat.", project);
}

std::string which_to_cancel(const std::string& status) {
  return "Several tasks are running or waiting in other threads of this chat. To stop one, add the name of its "
         "project, for example `/cancel my-project`:\n\n" +
         status;
}

}  // namespace bot::texts
