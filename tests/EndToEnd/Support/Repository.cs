namespace RawSocketChat.EndToEnd.Tests.Support;

/// <summary>Where the sources are.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "RawSocketChat.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
