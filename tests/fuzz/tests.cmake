# Included by tests/CMakeLists.txt. The fuzz targets are part of the replaying tests; where FRONTDESK_TESTS has
# "libfuzzer", which needs clang, they are also made programs <target>_fuzz that libFuzzer drives.
file(GLOB fuzz_targets CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*_fuzz.cpp")
list(
  APPEND
  fuzz_targets
  "${CMAKE_CURRENT_LIST_DIR}/chat_platform_check.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/model_stream_check.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/slack_check.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/targets.cpp")

if(TARGET fuzz_tests)
  target_sources(fuzz_tests PRIVATE ${fuzz_targets})
endif()

if("libfuzzer" IN_LIST FRONTDESK_TESTS)
  add_executable(fuzzers ${fuzz_targets} "${CMAKE_CURRENT_LIST_DIR}/libfuzzer.cpp")
  target_link_libraries(fuzzers PRIVATE ${modules})
  target_link_options(fuzzers PRIVATE -fsanitize=fuzzer)
  foreach(source IN LISTS fuzz_targets)
    get_filename_component(name "${source}" NAME_WE)
    if(name MATCHES "_fuzz$")
      add_custom_command(
        TARGET fuzzers
        POST_BUILD
        COMMAND "${CMAKE_COMMAND}" -E create_symlink fuzzers "$<TARGET_FILE_DIR:fuzzers>/${name}")
    endif()
  endforeach()
endif()
