# embed_assets(FILES a.html …): generates a .cpp with each file's bytes and adds it to the module of this folder.
# The bytes are found at run time with embedded_asset(name) of bot/web/assets.h.
function(embed_assets)
  cmake_parse_arguments(arg "" "" "FILES" ${ARGN})
  set(output "${CMAKE_CURRENT_BINARY_DIR}/web_assets.cpp")
  set(inputs "")
  foreach(file IN LISTS arg_FILES)
    list(APPEND inputs "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  endforeach()
  string(REPLACE ";" "|" joined "${inputs}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DINPUTS=${joined}" -P
            "${CMAKE_SOURCE_DIR}/cmake/embed_assets_script.cmake"
    DEPENDS ${inputs} "${CMAKE_SOURCE_DIR}/cmake/embed_assets_script.cmake"
    VERBATIM)
  target_sources(frontdesk_bot_web PRIVATE "${output}")
endfunction()
