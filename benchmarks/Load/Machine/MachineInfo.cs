using System.Diagnostics;
using System.Runtime.InteropServices;

using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Machine;

/// <summary>Where and of what the figures are.</summary>
internal sealed record MachineInfo(
    string Processor, int Cores, bool Pinned, string System, string DotNet, string? Node, string Commit)
{
    public static MachineInfo Read() => new(
        ProcessorName(),
        Processors.Usable.Count,
        Processors.ArePinned,
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}",
        RuntimeInformation.FrameworkDescription,
        NodePackages.NodeVersion,
        CommitName());

    private static string ProcessorName()
    {
        var lines = File.Exists("/proc/cpuinfo") ? File.ReadAllLines("/proc/cpuinfo") : [];
        var name = lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return name?[(name.IndexOf(':') + 1)..].Trim() ?? "unknown";
    }

    private static string CommitName()
    {
        var commit = Git("rev-parse", "--short=12", "HEAD");
        return commit is null ? "unknown" : Git("status", "--porcelain", "--", "src", "benchmarks/BenchServer") is "" ? commit : $"{commit} and changes";
    }

    private static string? Git(params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Repository.Root,
            })!;
            var text = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? text : null;
        }
        catch (global::System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
