; A gateway that runs keeps its program: Windows lets a running program be renamed, though not replaced. So an update
; stops nothing; the gateway goes on as it was until it is started anew, and agents run from copies of their own.
!macro OFFDESK_STEP_ASIDE
  Delete "$INSTDIR\offdesk.old.exe"
  IfFileExists "$INSTDIR\offdesk.exe" 0 +2
    Rename "$INSTDIR\offdesk.exe" "$INSTDIR\offdesk.old.exe"
!macroend

!macro NSIS_HOOK_PREINSTALL
  ; The bundler's own choice for one person is where that person's data is, and programs have no business there.
  ${If} $INSTDIR == "$LOCALAPPDATA\${PRODUCTNAME}"
    StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${PRODUCTNAME}"
    SetOutPath $INSTDIR
  ${EndIf}
  !insertmacro OFFDESK_STEP_ASIDE
!macroend

; What still runs is removed when the machine starts the next time. The data folder stays.
!macro NSIS_HOOK_PREUNINSTALL
  !insertmacro OFFDESK_STEP_ASIDE
  Delete /REBOOTOK "$INSTDIR\offdesk.old.exe"
!macroend
