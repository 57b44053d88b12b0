using System.Xml.Linq;

namespace RawSocketChat.Interop.Tests.Packaging;

/// <summary>A package's nuspec.</summary>
public sealed class PackageManifest(XDocument nuspec)
{
    /// <summary>The ids of what the package depends on, for its one framework.</summary>
    public IReadOnlyList<string> Dependencies => [.. Named("dependency").Select(dependency => dependency.Attribute("id")!.Value)];

    /// <summary>The frameworks it is for.</summary>
    public IReadOnlyList<string> Frameworks => [.. Named("group").Select(group => group.Attribute("targetFramework")!.Value)];

    /// <summary>The kind of its licence element: an expression or a file.</summary>
    public string? LicenceKind => Named("license").SingleOrDefault()?.Attribute("type")?.Value;

    /// <summary>The text of an element that occurs once; empty where it is missing.</summary>
    public string Element(string name) => Named(name).SingleOrDefault()?.Value ?? "";

    private IEnumerable<XElement> Named(string name) => nuspec.Descendants().Where(element => element.Name.LocalName == name);
}
