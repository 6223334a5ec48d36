#include "bot/cli/command_log.h"

#include <iostream>
#include <memory>

#include <fmt/ranges.h>

#include "bot/cli/calibrate.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/routing_commands.h"
#include "store/states.h"

namespace bot::cli {
namespace {

std::pair<CLI::App*, std::shared_ptr<LogOptions>> add_log_command(CLI::App& log, Commands& commands,
                                                                  const char* name, const char* what,
                                                                  int (*run)(const LogOptions&)) {
  const auto options = std::make_shared<LogOptions>();
  auto* command = log.add_subcommand(name, what);
  add_config(command, options->config);
  commands.push_back({command, [options, run] { return run(*options); }});
  return {command, options};
}

void add_log_filters(CLI::App* command, LogOptions& options) {
  add_option(command, "--chat", "CHAT", options.chat, "only this chat: SECTION or SECTION:ID");
  add_option(command, "--user", "USER", options.user, "only this person: SECTION:ID");
  add_option(command, "--project", "NAME", options.project, "only this project");
  const auto& outcomes = store::log_outcomes();
  add_option(command, "--outcome", "OUTCOME", options.outcome,
             fmt::format("only one of: {}", fmt::join(outcomes, ", ")))
      ->check(one_of(outcomes));
  add_since(command, options.since);
  add_until(command, options.until);
}

void add_list_options(CLI::App* command, LogOptions& options) {
  add_log_filters(command, options);
  add_option(command, "--limit", "N", options.limit, "at most this many lines (default: 50)")
      ->check(in_range(1, 1'000'000));
  add_json(command, options.json);
}

Command add_verdict(CLI::App& log) {
  const auto options = std::make_shared<VerdictOptions>();
  auto* command = log.add_subcommand("verdict", "Say of a decision whether it was right");
  add_config(command, options->config);
  add_option(command, "ID", "", options->id, "d-17 for a dispatch, 42 for a decision")->required();
  add_option(command, "VERDICT", "", options->verdict, "right, should_answer, should_dispatch or bad_result")
      ->required()
      ->check(one_of({"right", "should_answer", "should_dispatch", "bad_result"}));
  add_option(command, "--note", "TEXT", options->note, "why");
  return {command, [options] { return give_verdict(*options, std::cout); }};
}

Command add_replay(CLI::App& log) {
  const auto options = std::make_shared<VerdictOptions>();
  auto* command = log.add_subcommand("replay", "Decide again from what is stored, and compare");
  add_config(command, options->config);
  add_option(command, "ID", "", options->id, "d-17 for a dispatch, 42 for a decision (default: all)");
  return {command, [options] { return replay_decisions(*options, std::cout); }};
}

void add_chain_commands(CLI::App& log, Commands& commands) {
  {
    const auto [command, options] = add_log_command(
        log, commands, "verify",
        "Check that no decision, dispatch, approval, verdict or call of a tool was changed or removed",
        verify_log);
    add_option(
        command, "--head", "HEADS", options->head_file,
        "also that what `log head` printed into this file still holds, so that nothing is gone at the end");
  }
  {
    const auto [command, options] = add_log_command(
        log, commands, "prune",
        "Take the texts out of old decisions, dispatches, approvals, calls of tools and verdicts; numbers, times and chain stay",
        prune_log);
    add_option(command, "--older-than", "AGE", options->older_than,
               "an age (90d), a date or a time as in RFC 3339")
        ->required();
    command->add_flag("--dry-run", options->dry_run, "only count them");
  }
  add_log_command(log, commands, "head", "Print how far the log goes and its hash, to be kept elsewhere",
                  show_log_head);
}

Command add_route(CLI::App& cli) {
  const auto options = std::make_shared<RouteOptions>();
  auto* command = cli.add_subcommand("route", "Show what would happen to a message, and why; runs nothing");
  add_config(command, options->config);
  add_option(command, "TEXT", "", options->text, "the message");
  add_option(command, "--chat", "CHAT", options->chat, "as if written in this chat: SECTION:ID");
  add_option(command, "--user", "USER", options->user, "as if written by this person: SECTION:ID");
  add_option(command, "--what-if", "ask_at=X,dispatch_at=Y", options->what_if,
             "instead: what the last days, of --chat and --user, would have come to at these thresholds");
  add_option(command, "--reset", "SCOPE", options->reset,
             "instead: drop what the console stored for global, \"chat SECTION:ID\" or \"user SECTION:ID\"");
  command->add_flag("--model", options->model, "ask the configured secretary, too; its calls are paid for");
  add_option(command, "--days", "N", options->days, "how many days (default: 30)")->check(in_range(1, 3650));
  add_json(command, options->json);
  return {command, [options] { return show_route(*options, std::cout); }};
}

Command add_eval(CLI::App& cli) {
  const auto options = std::make_shared<EvalOptions>();
  auto* command = cli.add_subcommand("eval", "Score the routing on labelled turns");
  add_config(command, options->config);
  add_option(command, "FILE", "", options->file, "the turns, one JSON object a line")->required();
  add_option(command, "--html", "PAGE", options->html, "also write a page with the curves");
  command->add_flag("--model", options->model,
                    "ask the configured secretary about every turn; its calls are paid for");
  add_json(command, options->json);
  return {command, [options] { return evaluate_routing(*options, std::cout); }};
}

Command add_calibrate(CLI::App& cli) {
  const auto options = std::make_shared<CalibrateOptions>();
  auto* command =
      cli.add_subcommand("calibrate", "Fit the probability to what happened; shows before and after");
  add_config(command, options->config);
  auto* apply = command->add_flag("--apply", options->apply, "use it from now on, unless it is worse");
  command->add_flag("--undo", options->undo, "go back to the calibration before")->excludes(apply);
  add_option(command, "--svg", "PICTURE", options->svg, "also write a picture");
  add_json(command, options->json);
  return {command, [options] { return calibrate_routing(*options, std::cout); }};
}

void add_review(CLI::App& log, Commands& commands) {
  const auto [command, options] = add_log_command(
      log, commands, "review", "List the decisions that are worth a look, and why", show_log_review);
  add_since(command, options->since);
  add_json(command, options->json);
}

}  // namespace

void add_log_commands(CLI::App& cli, Commands& commands) {
  auto* log = cli.add_subcommand("log", "Show the dispatch log: decisions, runs, costs");
  log->require_subcommand(1);
  {
    const auto [command, options] = add_log_command(
        *log, commands, "list", "List the decisions, one line each, newest first", show_log_list);
    add_list_options(command, *options);
  }
  {
    const auto [command, options] = add_log_command(
        *log, commands, "search",
        "Find the decisions whose message, task, tool calls, result or project hold all words",
        show_log_list);
    add_option(command, "WORDS", "", options->words, "the words, in any case")->required();
    add_list_options(command, *options);
  }
  {
    const auto [command, options] = add_log_command(
        *log, commands, "summary", "Count the decisions and what they cost", show_log_summary);
    add_option(command, "--by", "WHAT", options->by, "a line for each user, chat, day (default) or project")
        ->check(one_of({"user", "chat", "day", "project"}));
    add_log_filters(command, *options);
    add_json(command, options->json);
  }
  {
    const auto [command, options] = add_log_command(
        *log, commands, "approvals", "List what specialists asked for, newest first", show_log_approvals);
    add_option(command, "--grep", "WORDS", options->grep, "only what holds all these words");
    add_log_filters(command, *options);
    add_json(command, options->json);
  }
  {
    const auto [command, options] = add_log_command(
        *log, commands, "show", "Show everything about one decision and its dispatch", show_log_entry);
    add_option(
        command, "ID", "", options->id,
        "d-17 for a dispatch, 42 for a decision, or the id of a message or a webhook, also as SECTION:ID")
        ->required();
    add_json(command, options->json);
  }
  {
    const auto [command, options] =
        add_log_command(*log, commands, "export", "Export all decisions, oldest first", export_log);
    add_log_filters(command, *options);
    add_option(command, "--format", "FORMAT", options->format, "jsonl (default) or csv")
        ->check(one_of({"jsonl", "csv"}));
  }
  {
    const auto [command, options] = add_log_command(
        *log, commands, "savings",
        "Show what was spent, and what the specialist's model alone would have cost", show_savings);
    add_since(command, options->since);
    add_json(command, options->json);
  }
  add_review(*log, commands);
  add_chain_commands(*log, commands);
  commands.push_back(add_verdict(*log));
  commands.push_back(add_replay(*log));
}

void add_routing_commands(CLI::App& cli, Commands& commands) {
  commands.push_back(add_route(cli));
  commands.push_back(add_eval(cli));
  commands.push_back(add_calibrate(cli));
}

}  // namespace bot::cli
