# Included by tests/CMakeLists.txt: every *.test.mjs with Node's own test runner. One entry each for ctest; test.sh
# counts the cases from the TAP files, which are written where FRONTDESK_TAP_DIR says.
file(GLOB browser_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.test.mjs")
foreach(file IN LISTS browser_tests)
  get_filename_component(name "${file}" NAME_WE)
  add_test(NAME "browser/${name}" COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/run.sh" "${file}" "browser-${name}.tap")
  set_tests_properties("browser/${name}" PROPERTIES LABELS browser TIMEOUT 300 PROCESSORS 2)
endforeach()
