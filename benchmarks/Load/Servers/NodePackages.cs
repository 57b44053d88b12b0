using System.Diagnostics;

namespace RawSocketChat.Load.Servers;

/// <summary>What the peer on Node.js needs: Node.js itself, and its package, which is installed where it is missing.</summary>
internal static class NodePackages
{
    private static readonly string Folder = Path.Combine(Repository.Root, "benchmarks", "Peers", "ws");

    /// <summary>The version of Node.js, or null where there is none.</summary>
    public static string? NodeVersion { get; } = Output("node", "--version");

    /// <summary>Makes sure that the package is there.</summary>
    /// <returns>Why the peer cannot be measured; null where it can.</returns>
    public static async Task<string?> PrepareAsync(TextWriter progress, CancellationToken stop)
    {
        const string Install = "npm ci --ignore-scripts --no-audit --no-fund";
        if (NodeVersion is null)
        {
            return "node is missing; install Node.js 18 or newer, with npm.";
        }

        if (IsInstalled())
        {
            return null;
        }

        await progress.WriteLineAsync($"ws is not installed yet: {Install} in {Path.GetRelativePath(Repository.Root, Folder)}");
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", Install.Split(' ')[1..]) { WorkingDirectory = Folder })!;
            await using var cancel = stop.Register(() => npm.Kill(entireProcessTree: true));
            await npm.WaitForExitAsync(CancellationToken.None);
            stop.ThrowIfCancellationRequested();
            return npm.ExitCode == 0 ? null : $"{Install} failed in {Folder} (exit status {npm.ExitCode}); run it by hand.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"npm is missing; install it, or run in {Folder}: {Install}";
        }
    }

    // npm writes down what it has installed; that is the lock file's content, or something older.
    private static bool IsInstalled()
    {
        var installed = Path.Combine(Folder, "node_modules", ".package-lock.json");
        return File.Exists(installed)
            && Integrity(File.ReadAllText(installed)) == Integrity(File.ReadAllText(Path.Combine(Folder, "package-lock.json")));
    }

    private static string Integrity(string lockFile) => string.Join('\n', lockFile.Split('\n').Where(line => line.Contains("\"integrity\"")));

    private static string? Output(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            var text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? text : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
