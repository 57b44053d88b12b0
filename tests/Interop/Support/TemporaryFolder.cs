namespace RawSocketChat.Interop.Tests.Support;

/// <summary>A folder for one test's files, gone with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interop-");

    /// <summary>Where it is.</summary>
    public string Path => _folder.FullName;

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file in it.</summary>
    public void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);

    public void Dispose() => _folder.Delete(recursive: true);
}
