namespace RawSocketChat.Handshake.Tests;

internal sealed class PlainResponses_RFC9110_15
{
    [Test]
    public void Text_is_sent_with_its_type_and_length_and_closes() =>
        ResponseText.Of(o => ResponseWriter.WriteResponse(o, HttpResponse.Text(200, "grüß\n"))).Should().Be(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 7\r\nConnection: close\r\n\r\ngrüß\n");

    [Test]
    public void Html_is_sent_with_its_type() =>
        ResponseText.Of(o => ResponseWriter.WriteResponse(o, HttpResponse.Html("<p>No</p>"u8.ToArray()))).Should().Be(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 9\r\nConnection: close\r\n\r\n<p>No</p>");

    [Test]
    public void Headers_are_sent_in_order() =>
        ResponseText.Of(o => ResponseWriter.WriteResponse(o, new HttpResponse
        {
            ContentType = "image/png",
            Body = new byte[] { 65 },
            Headers = [ResponseText.Header("Cache-Control", "no-cache"), ResponseText.Header("X-A", "1"), ResponseText.Header("X-A", "2")],
        })).Should().EndWith("Connection: close\r\nCache-Control: no-cache\r\nX-A: 1\r\nX-A: 2\r\n\r\nA");

    [Test]
    public void A_HEAD_gets_the_length_without_the_body() =>
        ResponseText.Of(o => ResponseWriter.WriteResponse(o, HttpResponse.Text(200, "hello"), headOnly: true))
            .Should().Contain("Content-Length: 5\r\n").And.EndWith("Connection: close\r\n\r\n");

    [TestCase(204)]
    [TestCase(304)]
    public void A_status_without_content_is_sent_without_any(int statusCode) =>
        ResponseText.Of(o => ResponseWriter.WriteResponse(o, HttpResponse.Text(statusCode, "hello")))
            .Should().NotContain("Content-").And.EndWith("Connection: close\r\n\r\n");

    [Test]
    public void An_empty_body_has_length_0() =>
        ResponseText.Of(o => ResponseWriter.WriteResponse(o, new HttpResponse())).Should().Contain("Content-Length: 0\r\n");

    [TestCase(101)]
    [TestCase(199)]
    [TestCase(600)]
    public void A_status_out_of_range_is_a_programmers_error(int statusCode)
    {
        Func<HttpResponse> make = () => HttpResponse.Text(statusCode, "");

        make.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("StatusCode");
    }

    [TestCase("Content-Length", "1")]
    [TestCase("Content-Type", "text/html")]
    [TestCase("Connection", "keep-alive")]
    [TestCase("X", "a\r\nb")]
    [TestCase("X Y", "a")]
    public void A_header_that_would_split_or_bend_the_response_is_a_programmers_error(string name, string value)
    {
        Func<HttpResponse> make = () => new HttpResponse { Headers = [ResponseText.Header(name, value)] };

        make.Should().Throw<ArgumentException>().WithParameterName("Headers");
    }

    [TestCase("")]
    [TestCase("text/html\r\nX: y")]
    public void A_content_type_that_would_split_the_response_is_a_programmers_error(string contentType)
    {
        Func<HttpResponse> make = () => new HttpResponse { ContentType = contentType };

        make.Should().Throw<ArgumentException>();
    }
}
