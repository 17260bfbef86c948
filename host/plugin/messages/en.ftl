# Files that are no plugin of this host.
P0701 = The plugin { $path } cannot be read: { $reason }. Check the path and its permissions.
P0702 = The plugin { $path } is larger than { $mib } MiB, the most that a plugin may have. Build it without debug information, or install another one.
P0703 = { $path } is not a WebAssembly component. Install the .wasm file that the plugin's build made.
P0704 = { $path } is a WebAssembly core module, not a component. Turn it into one with wit-component, as the SDK explains under “Building”.
P0705 = The plugin { $path } is damaged, or uses a part of WebAssembly that this host does not run: { $reason }. Copy or build it again.
P0706 = The plugin { $path } imports { $import }, which this host does not have. Build it against the WIT package of this host, and with nothing else.
P0707 = The plugin { $path } needs { $import }, which is newer than the { $version } of this host. Update Procedo, or install a version of the plugin made for { $version }.
P0708 = The plugin { $path } needs { $import }, which is older than the { $version } of this host and no longer served. Install a version of the plugin made for { $version }.
P0709 = The plugin { $path } imports { $function } as { $found }, but this host has it as { $expected }. Build the plugin again against the WIT package of this host.
P0710 = The plugin { $path } does not export “{ $export }” as the world “plugin” demands: { $reason }. Build it against the WIT package of this host.
P0711 = The plugin { $path } describes its procedure “{ $procedure }” wrongly: { $reason }. Its author must correct it.
P0712 = The plugin { $path } was replaced after it was loaded. Start again, so that the new one is loaded.
P0713 = The plugin runtime cannot work here: { $reason }. Check the free memory and the limits of this account.

# Guests that break a limit or the contract.
P0720 = The plugin { $path } computed for more than { $seconds } seconds without a call and was ended. It probably loops for ever; its author must correct it.
P0721 = The plugin { $path } made more than { $limit } calls in one run and was ended. It probably loops for ever; its author must correct it.
P0722 = The plugin { $path } asked for more than the { $mib } MiB of memory that a plugin may have, and ended. Run it on less at once, or ask its author.
P0723 = The plugin { $path } used more than the { $kib } KiB of stack that a plugin may have and was ended. It probably calls itself for ever; its author must correct it.
P0724 = The plugin { $path } failed in itself and was ended: { $reason }. It is a fault of the plugin; look at the run's last warning for its words and tell its author.
P0725 = The plugin { $path } tried to pass more than { $mib } MiB to the host in one call and was ended. It must pass less at once.
P0726 = The plugin { $path } gave a result of more than { $mib } MiB. It must keep what is large in files and tell only where.
P0727 = The plugin { $path } gave a result that is not JSON: { $reason }. Its author must correct it.
P0728 = A value between the host and the plugin { $path } is not what the interface says: { $reason }. It is a fault of Procedo; please report it.
P0729 = The plugin { $path } called { $function } before it was asked to run a procedure. Its author must move the call into the procedure.
P0730 = The plugin { $path } ended itself instead of replying. Its author must let the procedure return a result or a failure.
P0731 = The plugin { $path } called { $function }, which is not offered to plugins. Its author must use Procedo's capabilities instead.
