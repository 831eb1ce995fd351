; Windows knows endings of one part only. So workflows (.loom.json) get "Open with" among JSON files, and no double click.
!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\LatentLoom.Workflow" "" "Latent Loom workflow"
  WriteRegStr SHELL_CONTEXT "Software\Classes\LatentLoom.Workflow\DefaultIcon" "" "$INSTDIR\${APP_EXECUTABLE_FILENAME},0"
  WriteRegStr SHELL_CONTEXT "Software\Classes\LatentLoom.Workflow\shell\open\command" "" \
    '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\.json\OpenWithProgids" "LatentLoom.Workflow" ""
!macroend

!macro customUnInstall
  DeleteRegKey SHELL_CONTEXT "Software\Classes\LatentLoom.Workflow"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.json\OpenWithProgids" "LatentLoom.Workflow"
!macroend
