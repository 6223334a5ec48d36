# embed_assets(FILES a.html …): generates a .cpp with each file's bytes and adds it to the module of this folder.
# The bytes are found at run time, under the file's name without its folder, with embedded_asset() of the folder's own
# assets.h.
function(embed_assets)
  cmake_parse_arguments(arg "" "" "FILES" ${ARGN})
  file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REPLACE "/" "_" module "frontdesk_${folder}")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded_assets.cpp")
  set(inputs "")
  foreach(file IN LISTS arg_FILES)
    list(APPEND inputs "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  endforeach()
  string(REPLACE ";" "|" joined "${inputs}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DINPUTS=${joined}" "-DFOLDER=${folder}" -P
            "${CMAKE_SOURCE_DIR}/cmake/embed_assets_script.cmake"
    DEPENDS ${inputs} "${CMAKE_SOURCE_DIR}/cmake/embed_assets_script.cmake"
    VERBATIM)
  target_sources(${module} PRIVATE "${output}")
endfunction()
