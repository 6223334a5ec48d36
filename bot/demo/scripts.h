#pragma once

#include <string>
#include <string_view>

/// The files that the demo model's specialist writes. They are real: the program passes its tests, the page
/// works.
namespace bot::demo {

/// What the task API can do beyond the plain list.
struct TaskApiFeatures {
  bool pagination = false;
  bool search = false;

  bool operator==(const TaskApiFeatures&) const = default;
};

std::string task_api_app(TaskApiFeatures features);     ///< app.py
std::string_view task_api_test();                       ///< test_app.py, right for all features
std::string_view task_api_pagination_test();            ///< test_pagination.py
std::string_view task_api_search_test();                ///< test_search.py
std::string task_api_readme(TaskApiFeatures features);  ///< README.md

/// The colours of the countdown page.
enum class Theme { dawn, dark, blue, green, red, purple };

/// The part of the page's style sheet that holds the colours; it occurs once in countdown_page(theme).
std::string_view theme_css(Theme theme);
/// The word for it: "light", "dark", "blue"...
std::string_view theme_name(Theme theme);
/// index.html
std::string countdown_page(Theme theme);

/// report.md, on SQLite and PostgreSQL for a small web shop.
std::string_view comparison_report();

}  // namespace bot::demo
