namespace RawSocketChat.Load;

/// <summary>Where the sources and what was built of them are.</summary>
internal static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The end of the path that every project is built into, such as Release/net10.0.</summary>
    public static string BuildFolder { get; } = FindBuildFolder();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RawSocketChat.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The repository's root is not above this program.");
    }

    private static string FindBuildFolder()
    {
        var folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return Path.Combine(Path.GetFileName(Path.GetDirectoryName(folder))!, Path.GetFileName(folder));
    }
}
