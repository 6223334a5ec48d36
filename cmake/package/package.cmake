# What `cmake --install` puts where, and the Debian package that `cmake --build build/release --target package` makes.
include(GNUInstallDirs)

install(TARGETS frontdesk RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(CODE "file(CREATE_LINK frontdesk \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/dispatch-cc\" SYMBOLIC)")

# Completions and manual page come from the program itself, so they know exactly its commands.
set(made "${CMAKE_BINARY_DIR}/package")
install(CODE "set(made \"${made}\")\nset(program \"$<TARGET_FILE:frontdesk>\")")
install(SCRIPT "${CMAKE_CURRENT_LIST_DIR}/describe.cmake")
install(FILES "${made}/frontdesk.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME frontdesk)
install(FILES "${made}/frontdesk.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME dispatch-cc)
install(FILES "${made}/frontdesk.zsh" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" RENAME _frontdesk)
install(FILES "${made}/frontdesk.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
install(FILES "${made}/frontdesk.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" RENAME dispatch-cc.fish)
install(FILES "${made}/frontdesk.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${made}/dispatch-cc.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${made}/changelog.gz" "${CMAKE_CURRENT_LIST_DIR}/copyright" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/frontdesk")

install(FILES "${CMAKE_CURRENT_LIST_DIR}/frontdesk.service" DESTINATION lib/systemd/system)
file(GLOB documents "${CMAKE_SOURCE_DIR}/docs/*.md")
install(FILES ${documents} DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/frontdesk")
install(FILES "${CMAKE_CURRENT_LIST_DIR}/alerts.yml" "${CMAKE_CURRENT_LIST_DIR}/dashboard.json"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/frontdesk/examples")
# An absolute folder stands wherever the prefix is.
install(FILES "${CMAKE_CURRENT_LIST_DIR}/frontdesk.toml" DESTINATION /etc/frontdesk)
install(DIRECTORY DESTINATION /etc/frontdesk/credentials DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME frontdesk)
set(CPACK_PACKAGE_VENDOR "The Frontdesk developers")
set(CPACK_PACKAGE_CONTACT "The Frontdesk developers <frontdesk@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "chat bot with a cheap secretary and a capable specialist")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Answers quick questions in chats with a cheap model and gives bigger tasks to a
specialist such as Claude Code, which works in a project folder of its own.

Claude Code itself is not part of it: npm install -g @anthropic-ai/claude-code")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "bubblewrap, git")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "npm, prometheus")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_CURRENT_LIST_DIR}/postinst;${CMAKE_CURRENT_LIST_DIR}/prerm;${CMAKE_CURRENT_LIST_DIR}/postrm;${CMAKE_CURRENT_LIST_DIR}/conffiles"
)
include(CPack)
