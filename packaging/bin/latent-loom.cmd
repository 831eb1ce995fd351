@rem The command line, under the Node that comes with the program.
@"%~dp0..\node.exe" "%~dp0..\program\bin\latent-loom.mjs" %*
