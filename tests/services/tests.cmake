# Included by tests/CMakeLists.txt: the program against servers and libraries that other people wrote for the chat
# services, for mail and for calendars, with Node's own test runner. They are contract tests; test.sh counts the cases from the TAP files.
file(GLOB service_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.test.mjs")
foreach(file IN LISTS service_tests)
  get_filename_component(name "${file}" NAME_WE)
  add_test(NAME "services/${name}" COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/../browser/run.sh" "${file}"
                                           "services-${name}.tap")
  set_tests_properties("services/${name}" PROPERTIES LABELS contract TIMEOUT 300)
endforeach()
